"""Files that somebody might send to do harm, or by mistake; each made by code, with what may become of it.

Those that carry something carry `MARKER` in it, which no copy may hold.
"""

from tests.harness.hostile.kinds import Hostile
from tests.harness.hostile.others import OTHERS
from tests.harness.hostile.papers import PAPERS
from tests.harness.hostile.pictures import PICTURES

HOSTILE: dict[str, Hostile] = {one.name: one for one in (*PICTURES, *PAPERS, *OTHERS)}
