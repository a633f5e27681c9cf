"""Entity types as categories of personal data, in the words of the laws. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Category(StrEnum):
    """A category for a register (GDPR Art. 30(1)(c)). `OWN` are types of a tenant's own recognizers."""

    NAME = "name"
    CONTACT = "contact"
    PLACE = "place"
    GROUP = "group"
    DATE = "date"
    IDENTITY_NUMBER = "identity_number"
    FINANCE = "finance"
    HEALTH = "health"
    ONLINE = "online"
    VEHICLE = "vehicle"
    PROFESSION = "profession"
    ORGANISATION = "organisation"
    CREDENTIAL = "credential"
    OWN = "own"


SENSITIVE = frozenset(
    {Category.GROUP, Category.IDENTITY_NUMBER, Category.FINANCE, Category.HEALTH, Category.CREDENTIAL},
)
"""Where a mistake hurts most: special categories (GDPR Art. 9), national numbers (Art. 87), sensitive personal information
(PIPL Art. 28: religion, specific identity, health, financial accounts), and what opens an account."""

_MEMBERS: Mapping[Category, str] = MappingProxyType(
    {
        Category.NAME: "PERSON",
        Category.CONTACT: "EMAIL_ADDRESS PHONE_NUMBER QQ_ID WECHAT_ID",
        Category.PLACE: "LOCATION",
        Category.GROUP: "NRP",
        Category.DATE: "AGE DATE_TIME",
        Category.FINANCE: "ABA_ROUTING_NUMBER CN_BANK_CARD CREDIT_CARD CRYPTO IBAN_CODE SWIFT_CODE UK_SORT_CODE US_BANK_NUMBER",
        Category.HEALTH: "AU_MEDICARE DE_HEALTH_INSURANCE HEALTH_PLAN_NUMBER MEDICAL_RECORD_NUMBER UK_NHS US_MBI",
        Category.ONLINE: "DEVICE_ID IMEI IP_ADDRESS MAC_ADDRESS URL USERNAME",
        Category.VEHICLE: "CN_LICENSE_PLATE VEHICLE_REGISTRATION VIN",
        Category.PROFESSION: "MEDICAL_LICENSE US_NPI",
        Category.ORGANISATION: "AU_ABN AU_ACN CN_USCC DE_VAT_ID IN_GSTIN IT_VAT_CODE ORGANIZATION",
        Category.CREDENTIAL: "SECRET SECURITY_CODE",
    }
)
_CATEGORIES = {entity: category for category, entities in _MEMBERS.items() for entity in entities.split()}


def category_of(entity: str, *, own: bool = False) -> Category:
    """`own`: a type that a tenant's recognizers brought. What is built in and has no other category is an identity number."""
    if own:
        return Category.OWN
    return _CATEGORIES.get(entity, Category.IDENTITY_NUMBER)
