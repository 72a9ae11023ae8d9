"""The step type `offer`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import ClassVar

from pydantic import ConfigDict, Field

from ivr.centre.customers import customer_number
from ivr.centre.input import NO_INPUT_PROMPTS, Ended, Question, gather
from ivr.model.commands import Script, ask
from ivr.model.digits import Choices
from ivr.model.document import Document, Name
from ivr.model.errors import PortError
from ivr.model.expressions import Expression
from ivr.model.inputfields import InputFields
from ivr.model.outcome import Outcome
from ivr.model.prompt import BargeIn, Prompted
from ivr.model.speech import Speech
from ivr.model.step import Context, Step
from ivr.ports.channel import Play
from ivr.ports.proposals import GetTrouble, TellRefused

_INTRO, _ASK = "offer-intro", "offer-ask"
_REFUSED = Speech(("offer-refused",))
_YES, _NO = "1", "2"


class Product(Document):
    """A product, and whom it fits."""

    name: Name = Field(description="Its name; a refusal of it is remembered.", examples=["deposit"])
    when: Expression = Field(
        description="Whom it fits, by the facts of the call.",
        examples=["{{ customer.segment == 'vip' }}"],
    )
    say: Speech = Field(description="What it is.", examples=["offer-deposit"])

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Offer(Step, InputFields):
    """Offer a customer a product that fits them, once what they called for is done: 1 to hear more, 2 not to
    be offered it again.

    Nothing is offered, and nothing said, to who is not identified, has an open case, an order of which
    nobody knows yet what became of it, has not agreed to be told of what is sold, or has refused the
    product before. Products are tried in order; the first that fits and may be offered is.
    """

    verb: ClassVar[str] = "offer"
    outcomes: ClassVar[dict[str, str]] = {
        "accepted": "They want to hear more.",
        "refused": "They do not want it; it is not offered again.",
        "none": "Nothing was offered, or they answered nothing.",
    }
    example: ClassVar[str] = """\
something-else:
  offer:
    products:
      - {name: deposit, when: "{{ customer.segment == 'vip' }}", say: offer-deposit}
  on: {accepted: agent, refused: goodbye, none: goodbye}
"""

    products: tuple[Product, ...] = Field(
        min_length=1, max_length=5, description="The products, the best first."
    )

    def run(self, context: Context) -> Script[Outcome]:
        session = context.session
        customer = customer_number(session)
        if customer is None:
            return Outcome("none")
        try:
            for product in self.products:
                if not context.evaluate(product.when):
                    continue
                asking = GetTrouble(customer, session.ani, product.name)
                if (yield from ask(asking)) is None:
                    return (yield from self._offer(context, product, customer))
        except PortError:
            pass  # whether it may be offered is not known: it is not
        return Outcome("none")

    def _offer(self, context: Context, product: Product, customer: str) -> Script[Outcome]:
        question = Question(
            prompt={1: Speech((_INTRO,))},
            grammar=Choices((_YES, _NO)),
            no_input=dict(NO_INPUT_PROMPTS),
            invalid=dict(NO_INPUT_PROMPTS),
            then=(*context.audible(product.say), Prompted(_ASK)),
        )
        entry = yield from gather(context, question, context.rules(self.properties()))
        if entry.ended is not Ended.ENTERED:
            return Outcome("none", failures=entry.failures)
        if entry.digits == _YES:
            return Outcome("accepted", failures=entry.failures)
        yield from ask(TellRefused(customer, product.name))
        yield from ask(Play(context.audible(_REFUSED), bargein=BargeIn.ANY))
        return Outcome("refused", failures=entry.failures)

    def expressions(self) -> Iterator[Expression]:
        for product in self.products:
            yield product.when

    def wants(self) -> Iterable[tuple[Expression, Collection[str]]]:
        return [(product.when, ("truth",)) for product in self.products]

    def keys(self) -> Iterator[str]:
        yield from (_YES, _NO)

    def speeches(self) -> Iterator[Speech]:
        yield Speech((_INTRO, _ASK))
        yield _REFUSED
        for product in self.products:
            yield product.say
        yield from NO_INPUT_PROMPTS.values()

    def questions(self) -> Iterator[tuple[Speech, int]]:
        yield Speech((_INTRO, _ASK)), 1
