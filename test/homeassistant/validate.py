"""Asks Home Assistant's own schemas what they say of discovery messages.

Usage: python validate.py FILE, a JSON list of messages; and the JSON Schema of `npm test`, whose keys must exist there. Prints
one line for each objection. Home Assistant itself drops keys that it does not know without a word: here they are objections.
"""

import asyncio
import importlib
import json
import pathlib
import sys
import tempfile

import probatio
from homeassistant.components.mqtt import discovery, schemas
from homeassistant.const import CONF_PLATFORM
from homeassistant.core import HomeAssistant

PLATFORMS = ["binary_sensor", "device_automation", "event", "image", "number", "sensor", "switch"]
# What a device says for all of its entities; a trigger has nothing of it.
OF_ENTITIES = ("availability", "availability_mode")


def strict(platform: str):
    """The schema of an entity in configuration.yaml: that of discovery, but unknown keys are mistakes."""
    if platform == "device_automation":
        schema = importlib.import_module("homeassistant.components.mqtt.device_trigger").TRIGGER_DISCOVERY_SCHEMA
        return probatio.Schema(
            {**schema.schema, probatio.Optional("origin"): object}, extra=probatio.PREVENT_EXTRA
        )
    return importlib.import_module(f"homeassistant.components.mqtt.{platform}").PLATFORM_SCHEMA_MODERN


def keys(schema) -> set[str]:
    """The keys of a schema, through the validators around it."""
    if isinstance(schema, probatio.Schema):
        schema = schema.schema
    if isinstance(schema, dict):
        return {str(key) for key in schema}
    return set().union(*(keys(part) for part in getattr(schema, "validators", ())))


def objections(text: str):
    """What a message meets on the way that Home Assistant takes it."""
    payload = discovery.MQTTDiscoveryPayload(json.loads(text))
    discovery._replace_all_abbreviations(payload)
    try:
        schemas.validate_device_discovery_components(schemas.DEVICE_DISCOVERY_SCHEMA(payload))
    except probatio.Invalid as error:
        yield str(error)
        return
    for name, component in payload["components"].items():
        platform = component.pop(CONF_PLATFORM)
        component["device"], component["origin"] = payload["device"], payload["origin"]
        discovery._merge_common_device_options(component, payload)
        if platform == "device_automation":
            for option in OF_ENTITIES:
                component.pop(option, None)
        try:
            strict(platform)(dict(component))
        except probatio.Invalid as error:
            yield f"{name}: {error}"


def unknown_keys(schema):
    """Keys that our JSON Schema allows and Home Assistant does not know."""
    common = set(schema["$defs"]["entity"]["properties"])
    for platform in PLATFORMS:
        entity = set() if platform == "device_automation" else common
        ours = entity | set(schema["$defs"][platform]["properties"])
        for key in sorted(ours - keys(strict(platform)) - {"p"}):
            yield f"the JSON Schema allows {key} for {platform}"


async def main():
    # The validator of templates asks for the Home Assistant of its event loop.
    HomeAssistant(tempfile.mkdtemp())
    messages, json_schema = (json.loads(pathlib.Path(path).read_text()) for path in sys.argv[1:3])
    found = [*unknown_keys(json_schema), *(line for message in messages for line in objections(message))]
    print("\n".join(found))


asyncio.run(main())
