"""A tenant's colours can be read, or the gateway does not start."""

import pytest

from services.gateway import branding
from shared.tenants import Look, Sender, Tenant, Tenants


def tenant(**look: object) -> Tenant:
    return Tenant(
        id="here", hosts=["here.example"], name="Here", land="NW", zone="Europe/Berlin", languages=["de"],
        sender=Sender(name="Here", address="post@here.example"), look=Look.model_validate(look),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),  # WCAG's own examples of just too little and just enough
        ("#767676", "#ffffff", 4.54),
        ("#ff0000", "#ffffff", 4.0),
        ("#0000ff", "#ffffff", 8.59),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert branding.contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert branding.contrast(other, one) == branding.contrast(one, other)


@pytest.mark.parametrize(
    ("look", "named"),
    [
        ({"colour": "#00605a"}, "both"),
        ({"colour_dark": "#7fd6cb"}, "both"),
        ({"colour": "#999999", "colour_dark": "#7fd6cb"}, "look.colour #999999"),
        ({"colour": "#00605a", "colour_dark": "#333333"}, "look.colour_dark #333333"),
    ],
)
def test_colours_that_cannot_be_read_are_named(look: dict[str, str], named: str) -> None:
    with pytest.raises(ValueError, match=named) as raised:
        branding.check(Tenants([tenant(**look)]))
    assert "tenant here" in str(raised.value)


def test_good_colours_and_none_are_accepted_and_written_as_a_style() -> None:
    good = tenant(colour="#00605a", colour_dark="#7fd6cb")
    branding.check(Tenants([good]))
    branding.check(Tenants([tenant()]))
    assert "#00605a" in branding.css(good)
    assert "prefers-color-scheme:dark" in branding.css(good)
    assert branding.css(tenant()) == ""
