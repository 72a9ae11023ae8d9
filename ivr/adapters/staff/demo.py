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
    Person("zhao.min", Role.AGENT, "1004", "赵敏"): ("817352", "demo-Willow-64"),
    Person("sun.tao", Role.AGENT, "1005", "孙涛"): ("493760", "demo-Quartz-65"),
    Person("zhou.jing", Role.AGENT, "1006", "周静"): ("268514", "demo-Velvet-66"),
    Person("wu.fan", Role.AGENT, "1007", "吴凡"): ("951683", "demo-Bamboo-67"),
    Person("zheng.jie", Role.AGENT, "1008", "郑洁"): ("374092", "demo-Copper-68"),
    Person("feng.xue", Role.AGENT, "1009", "冯雪"): ("620875", "demo-Saffron-69"),
    Person("xu.qiang", Role.SUPERVISOR, "1010", "许强"): ("846931", "demo-Juniper-70"),
    Person("grace.liu", Role.SUPERVISOR, "1900", "Grace Liu"): ("915370", "demo-Meridian-74"),
    Person("he.ying", Role.AGENT, "", "何颖"): ("", "demo-Pagoda-86"),
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
