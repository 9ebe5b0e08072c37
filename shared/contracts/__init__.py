"""The events that services exchange: one module per producer. Importing this package fills the registry."""

from shared.contracts import applications, booking, gateway, notifications

__all__ = ["applications", "booking", "gateway", "notifications"]
