"""What would be sent to Flyte for the app of a store, as its bytes."""

import asyncio

from flyteplugins.hitl._env import app_environment, app_variables
from flyteplugins.hitl._flyte_apps import definition_of
from flyteplugins.hitl._records import Origin
from flyteplugins.hitl._serving import app_name
from flyteplugins.hitl._settings import ServingSettings, Settings

STORE = "s3://bucket/hitl"
ORIGIN = Origin(organization="acme", project="proj", domain="dev", run="r", action="a")

environment = app_environment(
    app_name(STORE), "registry.example.org/hitl:1", app_variables(STORE, Settings.from_environment()), ServingSettings()
)
print(asyncio.run(definition_of(environment, ORIGIN)).SerializeToString().hex())
