"""What goes in, what comes out, family by family; then what must be left alone."""
# ruff: noqa: RUF001  letters that look alike are what is tested

import os
import subprocess
import sys
import time

import pytest

from ai_gateway.adapters.pattern_detector import PatternDetector
from ai_gateway.treatment.resolve import resolve

DETECTOR = PatternDetector()


def found(text: str) -> set[tuple[str, str]]:
    return {(span.entity, text[span.start : span.end]) for span in DETECTOR.read(text)}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Mail dana@okafor.example.", "dana@okafor.example"),
        ("dana.okafor+jobs@mail.okafor.co.uk works", "dana.okafor+jobs@mail.okafor.co.uk"),
        ("dana @ okafor.example", "dana @ okafor.example"),
        ("write to dana (at) okafor (dot) example please", "dana (at) okafor (dot) example"),
        ("write to dana[at]okafor[dot]example", "dana[at]okafor[dot]example"),
        ("it is dana at okafor dot example", "dana at okafor dot example"),
        ("ＤＡＮＡ＠ｏｋａｆｏｒ．ｅｘａｍｐｌｅ", "ＤＡＮＡ＠ｏｋａｆｏｒ．ｅｘａｍｐｌｅ"),
        ("dana@oka\u200bfor.example", "dana@oka\u200bfor.example"),
        ("it is dana at the domain okafor, ending example", "dana at the domain okafor, ending example"),
        ("d.o.k_at_okafor_dot_example", "d.o.k_at_okafor_dot_example"),
        ("ZGFuYUBva2Fmb3IuZXhhbXBsZQ== (b64)", "ZGFuYUBva2Fmb3IuZXhhbXBsZQ=="),
    ],
)
def test_an_email_address_is_found_however_it_is_typed(text: str, value: str) -> None:
    assert ("EMAIL_ADDRESS", value) in found(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Call +1 (555) 010-0199 today", "+1 (555) 010-0199"),
        ("Call 555-010-0199 x12", "555-010-0199 x12"),
        ("(555) 234-5678", "(555) 234-5678"),
        ("555.234.5678", "555.234.5678"),
        ("my number is 555-0142", "555-0142"),
        ("UK: 07700 900123", "07700 900123"),
        ("France: 01.99.00.12.34", "01.99.00.12.34"),
        ("+44 20 7946 0958", "+44 20 7946 0958"),
        ("+49 (0)30 23125 014", "+49 (0)30 23125 014"),
        ("WhatsApp me on 98765 43210", "98765 43210"),
        ("five five five zero one zero zero one nine nine", "five five five zero one zero zero one nine nine"),
        ("5 5 5 0 1 0 0 1 9 9", "5 5 5 0 1 0 0 1 9 9"),
        ("+１ ５５５ ０１０ ０１９９", "+１ ５５５ ０１０ ０１９９"),
        ("Phone:\n60-56-85-91", "60-56-85-91"),
        ("the phone number ending in 0142?", "0142"),
    ],
)
def test_a_phone_number_is_found_in_any_layout(text: str, value: str) -> None:
    assert ("PHONE_NUMBER", value) in found(text)


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("https://www.linkedin.com/in/danaokafor).", "URL", "https://www.linkedin.com/in/danaokafor"),
        ("see (https://okafor.example/a_(b))", "URL", "https://okafor.example/a_(b)"),
        ("www.okafor.example/x.", "URL", "www.okafor.example/x"),
        ("my site okafor.dev, yes", "URL", "okafor.dev"),
        ("github.com/danab", "URL", "github.com/danab"),
        ("portfolio: okafor.design", "URL", "okafor.design"),
        ("ask (@danabuilds)", "HANDLE", "@danabuilds"),
        ("telegram: danabuilds", "HANDLE", "danabuilds"),
        ("my skype is live:dana.okafor1", "HANDLE", "live:dana.okafor1"),
        ("Discord dana#1234", "HANDLE", "dana#1234"),
        ("u/dana_builds says", "HANDLE", "u/dana_builds"),
        ("find me on Telegram as quincemarrow", "HANDLE", "quincemarrow"),
    ],
)
def test_links_and_handles_are_found(text: str, entity: str, value: str) -> None:
    assert (entity, value) in found(text)


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("card 4111 1111 1111 1111 ok", "CREDIT_CARD", "4111 1111 1111 1111"),
        ("use 4111-1111 1111-1111 please", "CREDIT_CARD", "4111-1111 1111-1111"),
        ("it was 3782-822463 10005 then", "CREDIT_CARD", "3782-822463 10005"),
        ("5500-0000-0000-0004", "CREDIT_CARD", "5500-0000-0000-0004"),
        ("my card number is 1234567890123456", "CREDIT_CARD", "1234567890123456"),
        ("the Visa ending in 4242", "CREDIT_CARD", "4242"),
        ("CVV: 123", "CREDIT_CARD", "123"),
        ("GB82 WEST 1234 5698 7654 32 THANKS", "IBAN", "GB82 WEST 1234 5698 7654 32"),
        ("de89370400440532013000", "IBAN", "de89370400440532013000"),
        ("NO93 8601 1117 947", "IBAN", "NO93 8601 1117 947"),
        ("MT84MALT011000012345MTLCAST001S", "IBAN", "MT84MALT011000012345MTLCAST001S"),
        ("iban: QQ12 3456 7890 1234", "IBAN", "QQ12 3456 7890 1234"),
        ("account number: 12345678", "BANK_ACCOUNT", "12345678"),
        ("routing no. 021000021", "BANK_ACCOUNT", "021000021"),
        ("SWIFT: DEUTDEFF", "BANK_ACCOUNT", "DEUTDEFF"),
        ("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "CRYPTO_ADDRESS", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"),
        ("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "CRYPTO_ADDRESS", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"),
        ("0x" + "52908400098527886E0F" * 2, "CRYPTO_ADDRESS", "0x" + "52908400098527886E0F" * 2),
    ],
)
def test_money_is_found(text: str, entity: str, value: str) -> None:
    assert (entity, value) in found(text)


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("SSN 514-69-0360", "GOVERNMENT_ID", "514-69-0360"),
        ("AB 12 34 56 C", "GOVERNMENT_ID", "AB 12 34 56 C"),
        ("44051401359", "GOVERNMENT_ID", "44051401359"),
        ("12345678Z", "GOVERNMENT_ID", "12345678Z"),
        ("X1234567L", "GOVERNMENT_ID", "X1234567L"),
        ("RSSMRA85T10A562S", "GOVERNMENT_ID", "RSSMRA85T10A562S"),
        ("1 85 05 78 006 084 91", "GOVERNMENT_ID", "1 85 05 78 006 084 91"),
        ("131052-308T", "GOVERNMENT_ID", "131052-308T"),
        ("811228-9874", "GOVERNMENT_ID", "811228-9874"),
        ("756.9217.0769.85", "GOVERNMENT_ID", "756.9217.0769.85"),
        ("85.07.30-033.28", "GOVERNMENT_ID", "85.07.30-033.28"),
        ("2341 2341 2346", "GOVERNMENT_ID", "2341 2341 2346"),
        ("BSN 111222333", "GOVERNMENT_ID", "111222333"),
        ("passport no. X1234567", "GOVERNMENT_ID", "X1234567"),
        ("driver's license: D123-4567-8901", "GOVERNMENT_ID", "D123-4567-8901"),
        ("Führerschein-Nr. B072RRE2I55", "GOVERNMENT_ID", "B072RRE2I55"),
        ("passeport n° 15AA55501", "GOVERNMENT_ID", "15AA55501"),
        ("pasaporte AAB555012", "GOVERNMENT_ID", "AAB555012"),
        ("dowód osobisty ABA 300555", "GOVERNMENT_ID", "ABA 300555"),
        ("CNIC 42101-5550123-5", "GOVERNMENT_ID", "42101-5550123-5"),
        ("912-34-5678", "TAX_ID", "912-34-5678"),
        ("EIN is 12-3456789", "TAX_ID", "12-3456789"),
        ("123.456.789-09", "TAX_ID", "123.456.789-09"),
        ("11.222.333/0001-81", "TAX_ID", "11.222.333/0001-81"),
        ("ABCPA1234F", "TAX_ID", "ABCPA1234F"),
        ("DE123456789", "TAX_ID", "DE123456789"),
        ("Steuer-IdNr 86 095 742 719", "TAX_ID", "86 095 742 719"),
        ("registered charity no. 5550188", "TAX_ID", "5550188"),
        ("Companies House number SC555018", "TAX_ID", "SC555018"),
        ("a charity (Otter and Reed Network, no. 5550188)", "TAX_ID", "5550188"),
        ("1HGCM82633A004352", "VEHICLE_ID", "1HGCM82633A004352"),
        ("license plate ABC 1234", "VEHICLE_ID", "ABC 1234"),
        ("IMEI 490154203237518", "DEVICE_ID", "490154203237518"),
        ("Serial number: C02XL0GTJGH5", "DEVICE_ID", "C02XL0GTJGH5"),
        ("ICCID 8944500555012345678", "DEVICE_ID", "8944500555012345678"),
        ("service tag 7QK55R2", "DEVICE_ID", "7QK55R2"),
        ("Numéro de série : RX55-0192A", "DEVICE_ID", "RX55-0192A"),
        ("device id 3f2504e0-4f89-11d3-9a0c-0305e82c3301", "DEVICE_ID", "3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
    ],
)
def test_numbers_that_name_a_person_or_a_thing_are_found(text: str, entity: str, value: str) -> None:
    assert (entity, value) in found(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("born on 12 March 1985 in Lagos", "12 March 1985"),
        ("DOB: 1985-03-12", "1985-03-12"),
        ("Date of birth 12/03/85", "12/03/85"),
        ("my birthday is March 5th", "March 5th"),
        ("born in 1985", "1985"),
    ],
)
def test_a_date_is_a_date_of_birth_after_a_cue(text: str, value: str) -> None:
    assert ("DATE_OF_BIRTH", value) in found(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("AKIA" + "IOSFODNN7EXAMPLE", "AKIA" + "IOSFODNN7EXAMPLE"),
        ("ghp_" + "a1b2" * 9, "ghp_" + "a1b2" * 9),
        ("use sk-" + "proj-abcDEF123456789012345", "sk-" + "proj-abcDEF123456789012345"),
        ("password: hunter22!", "hunter22!"),
        ("The password is Tr0ub4dor&3.", "Tr0ub4dor&3"),
        ("api_key = 'zzTOP9911'", "zzTOP9911"),
        ("postgres://okafor:s3same@db.example/x", "okafor:s3same"),
    ],
)
def test_a_secret_is_found_by_shape_or_cue(text: str, value: str) -> None:
    assert ("SECRET", value) in found(text)


def test_a_private_key_block_is_one_secret_even_when_its_end_is_missing() -> None:
    block = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIB\nabcd\n"
    whole = block + "-----END RSA " + "PRIVATE KEY-----"
    assert ("SECRET", whole) in found(f"key:\n{whole}\nend.")
    assert any(value.startswith(block.rstrip()) for _, value in found(block))


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("at 192.0.2.20, yes", "IP_ADDRESS", "192.0.2.20"),
        ("2001:db8::ff00:42:8329", "IP_ADDRESS", "2001:db8::ff00:42:8329"),
        ("00:1B:44:11:3A:B7", "MAC_ADDRESS", "00:1B:44:11:3A:B7"),
        ("40.7128, -74.0060", "COORDINATES", "40.7128, -74.0060"),
        ("40°26'46\"N 79°58'56\"W", "COORDINATES", "40°26'46\"N 79°58'56\"W"),
        ("12 Elm Street, Springfield, IL 62704.", "ADDRESS", "12 Elm Street, Springfield, IL 62704"),
        ("lives at 24 clarke avenue", "ADDRESS", "24 clarke avenue"),
        ("PO Box 12", "ADDRESS", "PO Box 12"),
        ("SW1A 1AA", "ADDRESS", "SW1A 1AA"),
        ("Musterstraße 12, 10115 Berlin", "ADDRESS", "Musterstraße 12, 10115 Berlin"),
        ("12 rue de la Paix, 75002 Paris", "ADDRESS", "12 rue de la Paix, 75002 Paris"),
        ("Calle Mayor 5, 28013 Madrid", "ADDRESS", "Calle Mayor 5, 28013 Madrid"),
        ("I'm originally from Estonia, but", "LOCATION", "Estonia"),
        ("she lives in New Ross and", "LOCATION", "New Ross"),
        ("Ms. Okafor flew to Winbourne on Monday", "LOCATION", "Winbourne"),
        ("after ten years in Winbourne I moved", "LOCATION", "Winbourne"),
        ("visiting from New Ross this week", "LOCATION", "New Ross"),
        ("the café on 45th Street", "ADDRESS", "45th Street"),
        ("the University of WINBOURNE", "ORGANIZATION", "University of WINBOURNE"),
        ("At Brightwater LLC we build", "ORGANIZATION", "Brightwater LLC"),
        ("Smith & Sons Ltd. of York", "ORGANIZATION", "Smith & Sons Ltd."),
        ("I've worked for Great Otter Air and flew", "ORGANIZATION", "Great Otter Air"),
        ("a charity (Otter and Reed Network, no. 5550188)", "ORGANIZATION", "Otter and Reed Network"),
    ],
)
def test_machines_places_and_companies_are_found(text: str, entity: str, value: str) -> None:
    assert (entity, value) in found(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[9:00 AM] Dana: Morning!", "Dana"),
        ("10:15 - Dana Okafor (Designer): ok", "Dana Okafor"),
        ("Dear Saoirse,\nthank you", "Saoirse"),
        ("Best regards,\nKevin Brown\nDeveloper", "Kevin Brown"),
        ("Bill To:\n\nJane Doe", "Jane Doe"),
        ("my name is Rubija and", "Rubija"),
        ("Dr. Lisa White will", "Lisa White"),
        ("Ask Mr. Okafor daily", "Okafor"),
        ("Dear Okafor delayed", "Okafor"),
        ("Mrs. Okafor de Vale came", "Okafor de Vale"),
        ("by Ella H. Snider", "Ella H. Snider"),
        ("ring the bell marked Kettleby", "Kettleby"),
        ("it is on Okafor's laptop", "Okafor"),
    ],
)
def test_a_name_is_found_where_the_writing_announces_it(text: str, value: str) -> None:
    assert ("PERSON", value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "Python 3.11.7, Node 20.1.0, version 1.2.3.4",
        "Our budget is $1,200.00 to $2,500 per month, 15% less in 2024",
        "Order 12345, ticket 98-7654, released 2023-10-01, due 01/10/2024",
        "from 2020 to 2024, 9:00-17:30, at 12:30:45",
        "C4, S3, EKS, EC2 4GB RAM, an i7 with 16GB",
        "node.js and socket.io, asp.net core, main.py, package.json, done.It works",
        "std::vector and a::b are C++",
        "5 years of data on the way to production",
        "Spring 2024, During 1971, iPhone 15 Pro",
        "password is required; token: string; Password: required",
        "@media (max-width: 600px) { } @Override public @angular/core",
        "[9:01 AM] Customer: hi\nDear Hiring Manager,\nHi Team, Hello there",
        "Client: Java\nTo: Will do",
        "127.0.0.1 and 0.0.0.0 and 255.255.255.0",
        "add 100 to 2000 and 123 456 789 rows",
        "1700000000000 is a timestamp in milliseconds",
        "0.25, 1.75 and 12.5, 7.25",
        "We need a Full Stack Developer. Ruby on Rails or Django. Agile, Scrum.",
        "count 1, 2, 3, 4, 5, 6, 7, 8 and stop",
        "I'm in Figma daily, we drove to Kubernetes, ten years in SaaS",
        "aGVsbG8gd29ybGQgYWdhaW4= is base64",
        "I've worked for United States clients and for Senior Product Managers",
        "Found on Telegram as well, and on Discord as usual",
        "company number 3 of 5, our charity no. 1 priority",
        "The bell says Ring twice",
        "The laptop's serial port, Monday's inbox",
    ],
)
def test_ordinary_writing_is_left_alone(text: str) -> None:
    assert found(text) == set()


@pytest.mark.parametrize(
    "value",
    [
        "4111 1111 1111 1112",
        "list of 3 415-555-0173 100 %",  # a telephone number among others, with a card's check digit
        "GB82 WEST 1234 5698 7654 33",
        "ZZ33 WEST 1234 5698 7654 32",
        "GB88 WEST 1234 5698 7654 3",
        "12345678A",
        "44051401358",
        "123.456.789-00",
        "000-12-3456",
    ],
)
def test_a_wrong_check_digit_is_not_taken_for_the_real_thing(value: str) -> None:
    kinds = {entity for entity, _ in found(f"Ref {value} end")}
    assert kinds.isdisjoint({"CREDIT_CARD", "IBAN", "GOVERNMENT_ID", "TAX_ID"})


@pytest.mark.parametrize(
    "unit", ["a.", "1 ", "@a", "1-", "x" * 50 + " ", "http://", "((", "Aa ", "12 Elm ", ":", "0", "dot ", "-----BEGIN "]
)
def test_time_grows_with_the_text_and_not_faster(unit: str) -> None:
    def spent(length: int) -> float:
        text = unit * (length // len(unit))
        return min(_timed(text) for _ in range(2))

    short, long = spent(10_000), spent(80_000)
    assert long < 40 * short + 0.05  # eight times the text; quadratic would be sixty-four


def _timed(text: str) -> float:
    started = time.process_time()
    DETECTOR.read(text)
    return time.process_time() - started


@pytest.mark.parametrize(
    ("text", "company"),
    [
        ("I'm Dana Okafor of Brightwater LLC, Oakland", "Brightwater LLC"),
        ("It's Brightwater LLC", "Brightwater LLC"),
        ("Dana Okafor and Sam Lee of Brightwater LLC", "Brightwater LLC"),
        ("Royal Bank of Lisbon PLC", "Royal Bank of Lisbon PLC"),
        ("Dana and Sons Ltd", "Dana and Sons Ltd"),
        ("Dana's Kitchen LLC", "Dana's Kitchen LLC"),
        ("Best regards, Dana Okafor, Okafor & Sons LLC", "Okafor & Sons LLC"),
        ("Mit freundlichen Grüßen, Dana Okafor, Okafor & Söhne GmbH", "Okafor & Söhne GmbH"),
        ("we hired Clark, Romero and Hall Ltd", "Clark, Romero and Hall Ltd"),
    ],
)
def test_a_company_ends_where_the_person_before_it_begins(text: str, company: str) -> None:
    spans = [span for span in PatternDetector().read(text) if span.entity == "ORGANIZATION"]
    assert [text[s.start : s.end] for s in resolve(text, spans)] == [company]


@pytest.mark.parametrize("head", ["<PROFESSIONAL_1>", "<CLIENT_2>", "<div>", "<h1>", "<strong>"])
def test_a_placeholder_or_an_element_at_the_head_of_a_line_is_nobodys_handle(head: str) -> None:
    assert [span for span in PatternDetector().read(f"{head} restores pianos.") if span.entity == "HANDLE"] == []


def test_whoever_speaks_in_a_line_of_chat_has_a_handle() -> None:
    text = "[12:04] <zed_> hello\n<@lmontoya> hi"
    assert [text[s.start : s.end] for s in PatternDetector().read(text) if s.entity == "HANDLE"] == ["zed_", "lmontoya"]


def test_the_identity_is_the_same_in_every_process() -> None:
    code = "from ai_gateway.adapters.pattern_detector import PatternDetector; print(PatternDetector().identity)"
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        )
        assert run.stdout.decode().strip() == PatternDetector().identity


def test_a_name_with_a_capital_inside_opens_like_any_other() -> None:
    assert ("PERSON", "JoAnne Buth") in found("Thanks to JoAnne Buth for it")
    assert ("PERSON", "LaToya") in found("ask LaToya about it")


def test_many_names_are_found_as_few_are() -> None:
    names = ("Kevin", "Maria", "Hannah", "Oscar", "Ingrid", "Pablo", "Yusuf", "Fatima", "Boris", "Anneliese", "Tobias",
             "Beatriz", "Giulia", "Henrik", "Katarzyna", "Dmitri", "Leila", "Samuel", "Agnes", "Bruno")  # fmt: skip
    text = ", ".join(f"{name} Quezada" for name in names)
    assert {value for _, value in found(text)} >= {f"{name} Quezada" for name in names if name != "Oscar"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Is dana@okafor.com right? It is dana@okafor.com. Is that it?", "dana@okafor.com"),
        ("my licence number is 6940579", "6940579"),
    ],
)
def test_nothing_beside_a_value_goes_with_it(text: str, value: str) -> None:
    assert {one for _, one in found(text)} == {value}


def test_an_address_whose_dots_stand_apart_goes_to_its_end() -> None:
    assert ("EMAIL_ADDRESS", "dana @ okafor . com") in found("write dana @ okafor . com please")


def test_whoever_gives_a_concert_is_somebody_and_what_kind_it_is_nobody() -> None:
    assert ("PERSON", "Ilmari Quezada") in found("Have you been to an Ilmari Quezada concert before?")
    assert ("PERSON", "ilmari quezada") in found("have you been to an ilmari quezada concert before?")
    assert found("We went to an Open Air concert, then to a Google Cloud lecture") == set()


@pytest.mark.parametrize(
    "text",
    [
        "mi telefono es 655 12 34 56",
        "Meine Handynummer ist 1512 3456789",
        "mon portable est le 6 12 34 56 78",
        "il mio cellulare: 347 555 0142",
        "moja komorka: 555 014 299",
    ],
)
def test_a_telephone_is_one_in_other_languages_too(text: str) -> None:
    assert "PHONE_NUMBER" in {entity for entity, _ in found(text)}


def test_a_telephones_last_digits_are_no_house_of_the_street_behind_them() -> None:
    spans = resolve(text := "+34 655 12 34 56, Av. de la Feria 12, Sevilla", DETECTOR.read(text))
    assert text[spans[0].start : spans[0].end] == "+34 655 12 34 56"
    assert "Av. de la Feria 12" in text[spans[1].start : spans[1].end]


def test_a_number_that_is_told_as_a_telephones_is_no_identity() -> None:
    def told(text: str) -> list[str]:
        return [span.entity for span in resolve(text, DETECTOR.read(text))]

    assert told("Mi móvil es 612 345 678") == ["PHONE_NUMBER"]
    assert told("SIN: 612 345 678") == ["GOVERNMENT_ID"]
    assert told("my cellular 612 345 678") == ["GOVERNMENT_ID"], "of no cue that is known: it goes all the same"


def test_a_house_of_two_numbers_keeps_them() -> None:
    assert ("ADDRESS", "14 rue de la Paix") in found("12-14 rue de la Paix")
