"""What tells one Jobcenter's pages from another's: its colours, checked so that everybody can read them."""

from fastapi import APIRouter, Request, Response

from services.gateway.doors import CurrentTenant
from shared.tenants import Tenant, Tenants

# WCAG 2.2 asks for 4.5; some of the grounds are a little less than white, or than black.
LEAST_CONTRAST = 5.0
LINEAR_UP_TO = 0.04045  # of sRGB
WHITE, BLACK = "#ffffff", "#000000"

router = APIRouter(include_in_schema=False)


def check(tenants: Tenants) -> None:
    """Raise `ValueError` that names a tenant whose colours cannot be read."""
    for tenant in tenants.by_id.values():
        look = tenant.look
        if (look.colour is None) != (look.colour_dark is None):
            raise ValueError(f"tenant {tenant.id}: look needs both colour and colour_dark, or neither")
        for name, colour, ground in (("colour", look.colour, WHITE), ("colour_dark", look.colour_dark, BLACK)):
            if colour and (found := contrast(colour, ground)) < LEAST_CONTRAST:
                raise ValueError(
                    f"tenant {tenant.id}: look.{name} {colour} has a contrast of {found:.1f} on {ground}; "
                    f"it needs {LEAST_CONTRAST}"
                )


def css(tenant: Tenant) -> str:
    """Return the style that puts the tenant's colours in place of KERN's."""
    look = tenant.look
    if not look.colour:
        return ""
    return (
        f":root{{--kern-color-action-default:{look.colour}}}\n"
        f"@media(prefers-color-scheme:dark){{:root{{--kern-color-action-default:{look.colour_dark}}}}}\n"
    )


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours `#rrggbb`, 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= LINEAR_UP_TO else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@router.get("/brand.css")
async def serve(_: Request, tenant: CurrentTenant) -> Response:
    """Return the tenant's colours."""
    return Response(css(tenant), media_type="text/css", headers={"Cache-Control": "public, max-age=300"})
