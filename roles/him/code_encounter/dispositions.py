"""Where a patient may go: the two digits of the patient discharge status (UB-04, field 17), in plain words."""

from __future__ import annotations

SYSTEM = "https://www.nubc.org/CodeSystem/PatDischargeStatus"
DISPOSITIONS = {
    "01": "Home or self care",
    "02": "Another short-term hospital, as an inpatient",
    "03": "Skilled nursing facility",
    "04": "Intermediate or supportive care facility",
    "05": "Cancer centre or children's hospital",
    "06": "Home with organized home health care",
    "07": "Left against medical advice",
    "20": "Died",
    "21": "Court or law enforcement",
    "43": "Federal health care facility",
    "50": "Hospice at home",
    "51": "Hospice in a facility",
    "61": "Swing bed of this hospital",
    "62": "Inpatient rehabilitation facility or unit",
    "63": "Long-term care hospital",
    "64": "Nursing facility under Medicaid only",
    "65": "Psychiatric hospital or unit",
    "66": "Critical access hospital",
    "70": "Another kind of institution",
}
