"""The demo's staff. Their PINs and passwords are public: they open nothing but this demo."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.adapters.staff.embedded import EmbeddedStaff
from ivr.adapters.staff.register import Register
from ivr.model.secret import Secret
from ivr.ports.staff import Person, Role

PEOPLE: Mapping[Person, tuple[str, str]] = {
    Person("li.na", Role.AGENT, "1001", "李娜"): ("582047", "demo-Harbour-41"),
    Person("wang.lei", Role.AGENT, "1002", "王磊"): ("739146", "demo-Lantern-52"),
    Person("chen.jie", Role.AGENT, "1003", "陈洁"): ("604829", "demo-Orchid-63"),
    Person("grace.liu", Role.SUPERVISOR, "1900", "Grace Liu"): ("915370", "demo-Meridian-74"),
    Person("admin", Role.ADMINISTRATOR, "", "管理员"): ("", "demo-Causeway-85"),
}
"""Who they are, their PIN (empty: none) and their password."""


async def seed(staff: EmbeddedStaff) -> int:
    """Add those who are not there yet, with their credentials; return how many. Raises PortError."""
    there = {person.name for person in await staff.people()}
    register = Register(staff, "demo")
    missing = [person for person in PEOPLE if person.name not in there]
    for person in missing:
        pin, password = PEOPLE[person]
        await register.add(person)
        await register.password(person.name, Secret(password))
        if pin:
            await register.pin(person.name, Secret(pin))
    return len(missing)
