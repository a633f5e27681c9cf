"""Vehicles, devices and what insurers and authorities number people by (HIPAA, 45 CFR 164.514(b)(2)(i)(J) to (M))."""

from __future__ import annotations

from presidio_analyzer import EntityRecognizer
from presidio_analyzer.predefined_recognizers import MedicalLicenseRecognizer

from gateway.detection.recognizers.checksums import luhn, vehicle_number
from gateway.detection.recognizers.patterns import CheckedPatternRecognizer, ContextPatternRecognizer, presidio_check
from gateway.detection.recognizers.shapes import LOOSE, STRONG, WEAK, digit_run, digits, number, starts_with, word

_GENERIC = 0.45
"""Below `WEAK`: what other words around say of the number is more exact."""
_CODE = "(?=(?:[A-Z-]{0,12}[0-9]){3})[A-Z0-9]{1,20}(?:-[A-Z0-9]{1,12}){0,3}"
_CODE_GATE = "[0-9](?:[A-Z-]{0,12}[0-9]){2}"
"""Three digits, wherever in the code they stand."""
_SERIAL = "(?=[A-Z]{0,11}[0-9])(?=[0-9]{0,11}[A-Z])[A-Z0-9]{7,12}"
"""With fewer digits only as long as serial numbers of computers are."""
_PLATE = ("(?<![A-Za-z]-)(?:(?=(?:[A-Z]{1,4}[ -]){0,2}[A-Z]{0,3}[0-9])[A-Z0-9]{1,4}(?:[ -](?:[A-Z]{1,3}|[A-Z]?[0-9]{1,4})){1,2}"
          "|(?=[A-Z]{0,7}[0-9])[A-Z0-9]{4,8})")  # fmt: skip
_SERIAL_WORDS = ("serial number", "serial no", "serial", "s/n", "device id", "udi", "序列号", "设备号")
_SERIAL_LINES = ("port", "baud", "console", "interface", "protocol")
"""After "serial" they speak of a connection."""
_INSURANCE_WORDS = ("member id", "member number", "subscriber id", "subscriber number", "policy number", "policy no",
                    "health plan", "insurance id", "insurance number", "group number", "beneficiary number", "保单号", "医保号",
                    "社保号", "医保卡号", "社保卡号", "保单", "健保卡", "健保卡號")  # fmt: skip
_CERTIFICATE_WORDS = ("certificate number", "certificate no", "license number", "licence number", "license no", "licence no",
                      "registration number", "permit number", "证书编号", "证书号", "执照号", "许可证号",
                      "执业证号", "资格证号", "资格证编号", "不动产权证号", "房产证号", "出生证号", "出生证编号", "證書編號",
                      "證書號碼", "執照號碼")  # fmt: skip
_PAPERS = ("ssn", "sin", "vin", "mrn", "abn", "acn", "tfn", "bsn", "itin", "npi", "nhs", "dea", "imei", "pesel", "aba", "zip",
           "id")  # fmt: skip
"""In capitals and before a number they look like a plate or a member's number: "VIN 123"."""
_MEMBER = f"{_CODE}|(?!(?:{'|'.join(_PAPERS).upper()}) )[A-Z]{{2,4}}(?: [0-9]{{2,5}}){{2,4}}"
_MEMBER_GATE = "[0-9](?:[A-Z -]{0,12}[0-9]){2}"
_PLATE_WORDS = ("plate", "license plate", "licence plate", "number plate", "plate number", "plate no", "registration plate",
                "vehicle registration", "reg no", "vrn", "car reg")  # fmt: skip
_BRITISH = "[A-HJ-PR-Y][A-Z][0-9]{2} ?[A-Z]{3}"
"""As since 2001; where a vehicle is spoken of, plain enough."""
_VEHICLE_WORDS = ("reg", "registration", "registered", "car", "van", "vehicle", "parked", "driving", "motorbike", "truck",
                  "lorry")  # fmt: skip


def device_recognizers() -> tuple[EntityRecognizer, ...]:
    """Vehicle, telephone and device numbers; members, certificates, licences."""
    return (
        CheckedPatternRecognizer(
            "VIN", [(word("[A-HJ-NPR-Z0-9]{8}[0-9X][A-HJ-NPR-Z0-9]{8}"), STRONG)], name="Vin", gate=["[A-Z0-9]{17}"],
            check=vehicle_number, starts=starts_with("A-HJ-NPR-Z0-9", "[A-HJ-NPR-Z0-9]{16}"),
        ),
        ContextPatternRecognizer(
            "IMEI", [(number("[0-9]{2}([ -]?)[0-9]{6}\\1[0-9]{6}\\1[0-9]"), WEAK)], words=("imei", "串号"), name="Imei",
            gate=[digit_run(15)], check=lambda text: luhn(digits(text)),
        ),
        ContextPatternRecognizer(
            "DEVICE_ID", [(word(_CODE), LOOSE), (word(_SERIAL), LOOSE)], words=_SERIAL_WORDS, rivals=_SERIAL_LINES,
            name="DeviceSerial", gate=["[0-9]"], before=32,
        ),
        ContextPatternRecognizer(
            "HEALTH_PLAN_NUMBER", [(word(_MEMBER), LOOSE)], words=_INSURANCE_WORDS, name="HealthPlan", gate=[_MEMBER_GATE],
            before=32,
        ),
        ContextPatternRecognizer(
            "CERTIFICATE_NUMBER", [(word(_CODE), _GENERIC)], words=_CERTIFICATE_WORDS, name="Certificate", gate=[_CODE_GATE],
            before=32,
        ),
        ContextPatternRecognizer(
            "VEHICLE_REGISTRATION", [(word(_PLATE), WEAK)], words=_PLATE_WORDS, rivals=_PAPERS, name="VehicleRegistration",
            gate=["[0-9]"], before=32,
        ),
        ContextPatternRecognizer(
            "VEHICLE_REGISTRATION", [(word(_BRITISH), WEAK)], words=_VEHICLE_WORDS, name="BritishPlate",
            gate=["[A-Z]{2}[0-9]{2} ?[A-Z]{3}"],
        ),
        ContextPatternRecognizer(
            "MEDICAL_LICENSE", [(word("[ABCDEFGHJKLMPRSTUX][A-Z9][0-9]{7}"), WEAK)], words=("dea", "medical license"),
            name="MedicalLicense", gate=["[A-Z9][0-9]{7}"], check=presidio_check(MedicalLicenseRecognizer()),
        ),
    )  # fmt: skip
