"""The staff's office serves here as well."""

from tests.staff.conftest import office

__all__ = ["office"]
