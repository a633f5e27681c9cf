"""OpenDP, where it is installed. Imported late: it is an extra, and takes a third of a second."""

from __future__ import annotations

from types import ModuleType

from gateway.errors import ProtectionUnavailable


def opendp() -> ModuleType:
    """`opendp.prelude`, ready for use. Raises ProtectionUnavailable.

    It wants to be told that one knows what one does: `contrib` allows parts whose proofs its authors have not all vetted,
    `honest-but-curious` a measurement of our own, of which only the privacy map is ever asked.
    """
    try:
        import opendp.prelude as library
    except ImportError:
        raise ProtectionUnavailable("Noise is drawn by OpenDP: pip install -e '.[dp-statistics]'.") from None
    library.enable_features("contrib", "honest-but-curious")
    return library
