"""Asks for a type with rules of its own that no schema says, and gives no function to check it by."""

from pydantic import BaseModel, field_validator

import flyteplugins.hitl as hitl


class Order(BaseModel):
    hours: int

    @field_validator("hours")
    @classmethod
    def is_even(cls, hours: int) -> int:
        if hours % 2:
            raise ValueError(f"{hours} is odd")
        return hours


if __name__ == "__main__":
    print("answer", hitl.new_event("order", data_type=Order, prompt="How many hours?").wait())
