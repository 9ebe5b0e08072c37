"""The pages at an office: kiosk, call display, and what people open on their own phones there."""

from services.gateway.pages.office import display, kiosk, phone, ticket

ROUTERS = [display.router, kiosk.router, phone.router, ticket.router]
