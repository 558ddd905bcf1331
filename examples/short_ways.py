"""Short ways to say the common things: approve, choose, correct."""

from dataclasses import dataclass

import flyteplugins.hitl as hitl


@dataclass
class Invoice:
    customer: str
    total: float


def main() -> None:
    label = hitl.choose("What is in the picture?", ["cat", "dog", "neither"], name="label")

    teams = {"Data": "#data", "Platform": "#platform", "Support": "#support"}
    channels = hitl.choose_several("Whom to tell?", teams, name="channels", at_least=1)

    invoice = hitl.edit(Invoice("Ada & Co", 12.5), "Please correct what the model read.", name="invoice")

    approval = hitl.approve("Pay it?", name="payment", reason_required="reject", labels=("Pay", "Refuse"))

    print("It is a", label)
    print("Telling", " and ".join(channels))
    print("Corrected:", invoice)
    print("Paid." if approval else f"Not paid: {approval.reason}")


if __name__ == "__main__":
    main()
