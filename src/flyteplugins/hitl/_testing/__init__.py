"""What stands behind `flyteplugins.hitl.testing`: somebody who answers, where no person and no app is."""
