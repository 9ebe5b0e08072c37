"""QR codes as pictures."""

from io import BytesIO

import segno
from fastapi import Response

from services.gateway.render import PERSONAL


def picture(text: str) -> Response:
    """Return a QR code, white around it on dark screens too. Level M: it is read from paper and from screens."""
    drawn = BytesIO()
    segno.make(text, error="m", micro=False, boost_error=False).save(
        drawn, kind="svg", border=4, light="#fff", omitsize=True, xmldecl=False, svgclass=None, lineclass=None
    )
    return Response(drawn.getvalue(), media_type="image/svg+xml", headers={"Cache-Control": PERSONAL})
