"""The broker: our own by its settings, anybody's by what it says when we connect (shell)."""

from agent.doctor.check import Check, Grade, Part
from agent.house import House
from broker.address import Address, parse_address
from broker.configuration import CONFIG_FILE
from broker.examination import examine, limits_of
from broker.mosquitto import running_agent_address


async def check_broker(house: House) -> tuple[Check, ...]:
    """Return what there is to say about the broker. Takes some seconds: it tells its figures only now and then."""
    foreign = house.settings.broker_url
    address = (
        running_agent_address(house.broker_folder) if foreign is None else parse_address(foreign.get_secret_value())
    )
    if address is None:
        nobody = "no broker runs on this data directory"
        return (Check(Part.BROKER, Grade.FAIL, nobody, "start `amends up` or `amends broker`"),)
    found = await examine(address, None if foreign is not None else house.broker_folder / CONFIG_FILE)
    checks = [Check(Part.BROKER, Grade.FAIL, one.problem, one.advice) for one in found]
    checks += [Check(Part.BROKER, Grade.WARN, one.problem, one.advice) for one in await limits_of(address)]
    if foreign is not None:
        checks.append(_unread(address))
    if not checks:
        checks.append(Check(Part.BROKER, Grade.OK, f"{address} answers, is set as it must be, and has dropped nothing"))
    return tuple(checks)


def _unread(address: Address) -> Check:
    return Check(
        Part.BROKER,
        Grade.WARN,
        f"the settings of {address} cannot be read",
        "see that it queues without a limit in messages, persists, and lets each device at its own topics only",
    )
