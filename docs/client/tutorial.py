"""A client made from the API's description, at work: python tutorial.py URL KEY."""

import sys

from trucecast_client import AuthenticatedClient
from trucecast_client.api.events import send_events
from trucecast_client.api.forecasts import forecast, forecast_many, get_forecast, timeline
from trucecast_client.api.truces import change_truce, list_truces
from trucecast_client.models import BatchIn, EventIn, Problem, TrucePatch

url, key = sys.argv[1:]
TRUCE, DAY = "irq-2022-10-resistance-lull", "2023-04-28"

with AuthenticatedClient(base_url=url, token=key) as client:
    page = list_truces.sync(client=client, country="IRQ", as_of=DAY)
    print(f"{len(page.truces)} truces of Iraq as known on {DAY}")

    before = forecast.sync(TRUCE, client=client, as_of=DAY, horizons="30")
    print(f"within 30 days: {before.horizons[0].p_breakdown:.3f}, truce age alone {before.horizons[0].p_baseline:.3f}")

    threat = {
        "type": "threaten", "modality": "threatened", "occurred_on": DAY, "known_at": DAY, "actor": "Kataib Hezbollah",
        "target": "Government of United States", "iso3": ["IRQ"], "source": "desk", "source_ref": "tutorial",
    }  # fmt: skip
    print(f"events stored: {send_events.sync(client=client, body=EventIn.from_dict(threat)).new}")
    after = forecast.sync(TRUCE, client=client, as_of=DAY, horizons="30")
    print(f"with the threat: {after.horizons[0].p_breakdown:.3f}")

    again = get_forecast.sync(before.forecast_id, client=client)
    print(f"what was said before is kept: {again.horizons[0].p_breakdown == before.horizons[0].p_breakdown}")

    points = timeline.sync(TRUCE, client=client, from_="2023-01-31", to=DAY, every="30d", horizons="30")
    print("timeline:", *(f"{point.as_of} {point.horizons[0].p_breakdown:.3f}" for point in points.forecasts))

    many = forecast_many.sync(
        client=client, body=BatchIn.from_dict({"as_of": DAY, "items": [{"truce_id": TRUCE}, {"truce_id": "nobody"}]})
    )
    print(f"batch: {len(many.forecasts)} forecast, refused: {many.refused[0].code}")

    refused = change_truce.sync("nobody", client=client, body=TrucePatch(notes="?"))
    assert isinstance(refused, Problem)
    print(f"a refusal is a value: {refused.status} {refused.code}")
