"""The shape of ``vendors.yaml``."""

from ai_gateway.policies.file_words import ENVIRONMENT, SOURCE, name, plain
from ai_gateway.policies.policy import VendorRole
from ai_gateway.policies.regions import COUNTRIES, Regime
from ai_gateway.policies.shape import Choice, Either, Flag, Record, Table, Text, Whole
from ai_gateway.policies.vocabulary import ENCODINGS, LOCAL, PROVIDERS, Mechanism

_VENDOR = Record(
    says="One company (or machine) that runs language models for the marketplace.",
    required={
        "legal_name": plain("The legal entity that receives the data, as a disclosure report names it."),
        "role": Choice(says="Its role under the contract.", kind="vendor role", values=tuple(VendorRole)),
        "country": Choice(
            says="Where it processes (ISO 3166-1 alpha-2), or `local` for the gateway's own machine.",
            kind="country",
            values=(LOCAL, *sorted(COUNTRIES)),
            refused={"UK": 'the United Kingdom is "GB"', "EU": "name the country", "USA": 'the United States is "US"'},
        ),
        "region": Text(
            says="The region as answers and reports show it.",
            pattern=r"[a-z][a-z0-9-]{0,31}",
            like="a short lower-case word such as us or eu-west",
        ),
        "transfers": Table(
            says="The transfer mechanism in force per regime. A person under a regime that is not here is not shared.",
            key=Choice(says="A regime.", kind="regime", values=tuple(Regime)),
            of=Choice(says="A mechanism.", kind="transfer mechanism", values=tuple(Mechanism)),
            minimum=0,
        ),
        "dpa": plain("Where the data processing agreement is: an address, or the contract's number."),
        "retention_days": Whole(says="How long it keeps requests and replies.", minimum=0, maximum=3650),
        "trains_on_data": Flag(says="Whether it trains models on what it receives."),
        "provider": Choice(says="The protocol it speaks.", kind="provider", values=PROVIDERS),
        "no_store": Table(
            says="Body fields that forbid keeping the request.",
            key=name("A field of the request."),
            of=Either(says="The value sent.", shapes=(Flag(says="A flag."), plain("A word.", 60))),
            minimum=0,
        ),
        "timeout_seconds": Whole(says="How long one attempt may take.", minimum=1, maximum=600),
        "models": Table(
            says="Models that policies may name.",
            key=Text(says="A model.", pattern=r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,99}", like="a model's name"),
            of=Record(
                says="One model.",
                required={
                    "context_tokens": Whole(says="Its context window.", minimum=512, maximum=10_000_000),
                    "encoding": Choice(says="The tiktoken encoding to count with.", kind="encoding", values=ENCODINGS),
                },
            ),
        ),
        "source": SOURCE,
    },
    optional={
        "api_base": Text(
            says="The address of its API: https, or http on loopback.",
            pattern=r"https://[^\s?#@]+|http://(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?(?:/[^\s?#@]*)?",
            like="an https address (or http on loopback) without credentials, query or fragment",
        ),
        "api_base_env": ENVIRONMENT,
        "credential_env": ENVIRONMENT,
        "any_model": Flag(
            says="Whether a client's own model name is passed on to it. For a vendor on the gateway's own machine."
        ),
        "subprocessors": plain("Where it lists its own service providers."),
    },
    refused={"api_key": "keys stay out of files; name an environment variable in credential_env"},
)

VENDORS = Record(
    says="The vendors that features may share with.",
    required={"vendors": Table(says="Vendors by name.", key=name("A vendor's name."), of=_VENDOR)},
)
