"""The record: FHIR R4 4.0.1, stored as it was received."""
