from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
from babel import Locale
from babel.core import get_global

from tests.examples import a_truce
from truce import registers
from truce.vocabulary import Truce

KOSOVO = "XKX"
# Codes that CLDR knows and ISO 3166-1 does not assign: reserved for parts of a country, or withdrawn.
RESERVED = {"ASC", "CPT", "DGA", "TAA", "FXX"}
WITHDRAWN = {"ANT", "BUR", "DDR", "NTZ", "SCG", "SUN", "TMP", "YMD", "YUG", "ZAR"}
# PA-X gives Serbia the number of Yugoslavia, also for agreements after 2006.
PAX_OTHER_NUMBER = {("SRB", 345)}
# PA-X has no ISO code for Kosovo, and its number.
PAX_WITHOUT_CODE = {347: KOSOVO}
# REIGN numbers as Correlates of War does, which differs from Gleditsch and Ward here; 533 is a slip for 553.
REIGN_OTHER_NUMBER = {
    ("Malawi", 533), ("Yemen", 679), ("Kiribati", 946), ("Tuvalu", 947), ("Nauru", 970),
}  # fmt: skip
GLEDITSCH_WARD = {
    "USA": 2, "GBR": 200, "DEU": 260, "CZE": 316, "XKX": 347, "SRB": 340, "RUS": 365, "COD": 490, "COG": 484,
    "SSD": 626, "YEM": 678, "TWN": 713, "VNM": 816, "TLS": 860, "KIR": 970, "NRU": 971, "TON": 972, "TUV": 973,
}  # fmt: skip
FORMER_NUMBERS = {
    255: "DEU", 265: "DEU", 315: "CZE", 345: "SRB", 396: "GEO", 397: "GEO", 511: "TZA", 680: "YEM", 711: "CHN", 817: "VNM",
}  # fmt: skip
FIPS = {
    "IZ": "IRQ", "IS": "ISR", "IC": "ISL", "WE": "PSE", "GZ": "PSE", "KV": "XKX", "OD": "SSD", "SU": "SDN", "RI": "SRB",
    "RB": "SRB", "MJ": "MNE", "BM": "MMR", "UK": "GBR", "GM": "DEU", "GA": "GMB", "GB": "GAB", "SF": "ZAF", "ZA": "ZMB",
    "NI": "NGA", "NG": "NER", "NU": "NIC", "NE": "NIU", "CG": "COD", "CF": "COG", "CT": "CAF", "CD": "TCD", "CH": "CHN",
    "CI": "CHL", "SZ": "CHE", "WZ": "SWZ", "SW": "SWE", "TU": "TUR", "TX": "TKM", "TI": "TJK", "TT": "TLS", "BK": "BIH",
    "KN": "PRK", "KS": "KOR", "LT": "LSO", "LH": "LTU", "PS": "PLW", "WA": "NAM", "WI": "ESH", "IV": "CIV", "HR": "HRV",
}  # fmt: skip
NAMES = {
    "DR Congo (Zaire)": "COD", "Democratic Republic of Congo": "COD", "Congo": "COG", "Republic of Congo": "COG",
    "Myanmar (Burma)": "MMR", "Yemen (North Yemen)": "YEM", "South Yemen": "YEM", "Russia (Soviet Union)": "RUS",
    "Cambodia (Kampuchea)": "KHM", "Serbia (Yugoslavia)": "SRB", "Bosnia-Herzegovina": "BIH", "Ivory Coast": "CIV",
    "Cote d'Ivoire": "CIV", "Côte d\u2019Ivoire": "CIV", "Macedonia, FYR": "MKD", "Zimbabwe (Rhodesia)": "ZWE",
    "Madagascar (Malagasy)": "MDG", "United States of America": "USA", "Occupied Palestinian Territory": "PSE",
    "Palestine": "PSE", "Korea, Republic of": "KOR", "Korea, Democratic People's Republic of": "PRK", "eSwatini": "SWZ",
    "Moldova, Republic of": "MDA", "the former Yugoslav Republic of Macedonia": "MKD", "German Federal Republic": "DEU",
    "Kyrgyz Republic": "KGZ", "East Timor": "TLS", "Kosovo": "XKX", "Guinea": "GIN", "Guinea-Bissau": "GNB", "Niger": "NER",
    "Dominica": "DMA", "Sudan": "SDN", "South Sudan": "SSD",
}  # fmt: skip


def rows_of(path: Path, encoding: str = "utf-8-sig") -> Iterator[dict[str, str]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding=encoding, newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t" if path.suffix == ".tab" else ",")


def chronicle(name: str) -> list[dict[str, str]]:
    return list(rows_of(Path(str(files("truce.chronicle") / name))))


def codes(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, cell.split(";")))


def chronicle_truce(truce_id: str) -> Truce:
    (row,) = [row for row in chronicle("truces.csv") if row["truce_id"] == truce_id]
    return a_truce(
        truce_id,
        effective_date=date.fromisoformat(row["effective_date"]),
        ccd=row["ccd"] or None,
        **{c: codes(row[c]) for c in ("iso3", "ucdp_dyad", "evidence_start", "evidence_end")},
    )


def test_no_code_of_the_standard_is_missing_and_none_is_made_up() -> None:
    known = {
        three
        for three, two in get_global("territory_aliases").items()
        if len(three) == 3 and three.isalpha() and len(two) == 1
    }
    users = {code for code in known if code[0] == "X" or "QMM" <= code <= "QZZ" or code in {"AAA", "ZZZ"}}
    assert {c.iso3 for c in registers.countries()} == known - users - RESERVED - WITHDRAWN | {KOSOVO}
    assert len({c.iso3 for c in registers.countries()}) == 250


def test_every_country_comes_once_in_order_and_its_other_rows_come_after_all_of_them() -> None:
    listed = [c.iso3 for c in registers.countries()]
    first = list(dict.fromkeys(listed))
    assert listed[: len(first)] == first == sorted(first)
    assert all(c.gw is not None or c.fips for c in registers.countries()[len(first) :])


def test_every_row_is_whole() -> None:
    for country in registers.countries():
        assert len(country.iso3) == 3
        assert country.iso3.isupper()
        assert len(country.fips) in {0, 2}
        assert country.name
        assert all(name == name.strip() != "" for name in (country.name, *country.others))


def test_no_number_and_no_code_is_given_twice() -> None:
    for given in (
        [c.gw for c in registers.countries() if c.gw is not None],
        [c.fips for c in registers.countries() if c.fips],
    ):
        assert len(given) == len(set(given)) > 190


def test_no_name_is_given_twice_whatever_its_case_and_accents() -> None:
    plain = [registers._plain(name) for c in registers.countries() for name in (c.name, *c.others)]
    assert sorted(plain) == sorted(set(plain))


def test_every_number_code_and_name_leads_to_its_country() -> None:
    for country in registers.countries():
        found = {registers.iso3_of_name(name) for name in (country.name, *country.others)}
        found |= {registers.iso3_of_gw(country.gw)} if country.gw is not None else set()
        found |= {registers.iso3_of_fips(country.fips)} if country.fips else set()
        assert found == {country.iso3}


@pytest.mark.parametrize(("iso3", "number"), GLEDITSCH_WARD.items())
def test_a_country_has_the_number_of_gleditsch_and_ward(iso3: str, number: int) -> None:
    assert registers.gw_of_iso3(iso3) == number
    assert registers.iso3_of_gw(number) == iso3


def test_a_former_number_leads_to_the_country_of_today_which_keeps_its_own() -> None:
    assert {number: registers.iso3_of_gw(number) for number in FORMER_NUMBERS} == FORMER_NUMBERS
    assert {registers.gw_of_iso3(iso3) for iso3 in FORMER_NUMBERS.values()}.isdisjoint(FORMER_NUMBERS)


def test_what_is_no_state_in_their_list_has_no_number() -> None:
    assert [registers.gw_of_iso3(code) for code in ("PSE", "ESH", "VAT", "HKG", "AAA")] == [None] * 5
    assert [registers.iso3_of_gw(number) for number in (0, -1, 679, 946)] == [None] * 4


def test_a_code_of_fips_is_not_taken_for_one_of_iso() -> None:
    assert {code: registers.iso3_of_fips(code) for code in FIPS} == FIPS
    assert [registers.iso3_of_fips(code) for code in ("", "OS", "UU", "PF", "PG", "iz", "??")] == [None] * 7


def test_the_names_that_the_registers_use_are_known() -> None:
    assert {name: registers.iso3_of_name(name) for name in NAMES} == NAMES


@pytest.mark.parametrize("written", ["cote d'ivoire", "CÔTE D'IVOIRE", " Côte  d'Ivoire ", "ivory coast"])
def test_a_name_is_known_whatever_its_case_accents_and_spaces(written: str) -> None:
    assert registers.iso3_of_name(written) == "CIV"


@pytest.mark.parametrize("stranger", ["", " ", "Atlantis", "Somaliland", "NA"])
def test_an_unknown_name_is_nobody(stranger: str) -> None:
    assert registers.iso3_of_name(stranger) is None


def test_the_names_of_unicode_lead_to_the_same_countries() -> None:
    names, codes_of = Locale("en").territories, get_global("territory_aliases")
    expected = {names["XK" if c.iso3 == KOSOVO else codes_of[c.iso3][0]]: c.iso3 for c in registers.countries()}
    assert {name: registers.iso3_of_name(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("table", "columns"),
    [("truces.csv", ["iso3"]), ("actors.csv", ["iso3"]), ("neighbours.csv", ["iso3", "neighbours"])],
)
def test_every_country_of_the_chronicle_is_in_the_table(table: str, columns: list[str]) -> None:
    used = {code for row in chronicle(table) for column in columns for code in codes(row[column])}
    assert len(used) > 50
    assert used <= {c.iso3 for c in registers.countries()}


def test_months_of_views_count_from_january_1980() -> None:
    assert registers.views_month(date(1980, 1, 1)) == registers.views_month(date(1980, 1, 31)) == 1
    assert registers.views_month(date(1979, 12, 31)) == 0
    assert registers.views_month(date(2022, 10, 14)) == 514
    assert registers.views_month(date(2023, 12, 31)) == 528


@pytest.mark.parametrize(
    ("latitude", "longitude", "gid"),
    [
        (33.355813, 43.786124, 177568), (34.802462, 36.707602, 179714), (14.6042, 120.9822, 151082),
        (8.333333, -75.666667, 141329),
        # The corners of the grid; a place on an edge is of the cell to the north and east, and the far edges belong to the last.
        (-90, -180, 1), (-89.5, -179.5, 722), (90, 180, 259200), (0, 0, 129961),
    ],
)  # fmt: skip
def test_a_place_lies_in_its_cell_of_prio_grid(latitude: float, longitude: float, gid: int) -> None:
    assert registers.priogrid(latitude, longitude) == gid


def test_the_values_of_one_scheme_are_taken_in_their_order() -> None:
    ids = ("ccd:437-2", "pax:711", "gw:437", "pax:431", "paxe:1", "pax")
    assert registers.values(ids, "pax") == ("711", "431", "")
    assert registers.values(ids, "acled") == ()


def test_a_truce_of_the_chronicle_has_the_ids_that_its_columns_give() -> None:
    assert registers.ids_of(chronicle_truce("civ-2002-10-mpci")) == (
        "ccd:437-2", "ucdp_dyad:879", "gw:437", "views_month:274",
    )  # fmt: skip
    assert registers.ids_of(chronicle_truce("yem-2010-02-saada-six-points")) == (
        "ccd:678-14", "ucdp_dyad:10855", "pax:1434", "gw:678", "views_month:362",
    )  # fmt: skip


def test_what_a_truce_carries_comes_first_and_nothing_twice() -> None:
    truce = a_truce(iso3=("SDN", "PSE"), ids=("pax:754", "gw:625"), evidence_start=("2015-01-01", "pax:754"))
    assert registers.ids_of(truce) == ("pax:754", "gw:625", "views_month:421")


def test_every_truce_of_the_chronicle_has_the_number_of_each_of_its_states() -> None:
    for truce_id, cell in {row["truce_id"]: row["iso3"] for row in chronicle("truces.csv")}.items():
        numbers = [registers.gw_of_iso3(code) for code in codes(cell) if code != "PSE"]
        assert None not in numbers, truce_id


def test_the_georeferenced_events_name_their_countries_and_cells_as_we_do(shared_data: Path) -> None:
    read = 0
    for path in sorted((shared_data / "ucdp_ged").glob("*.csv.gz")):
        for row in rows_of(path):
            if not row["country_id"]:  # the second heading of some editions
                continue
            read += 1
            iso3 = registers.iso3_of_name(row["country"])
            assert iso3 == registers.iso3_of_gw(int(float(row["country_id"]))) == (row.get("iso3") or iso3)
            assert registers.priogrid(float(row["latitude"]), float(row["longitude"])) == float(row["priogrid_gid"])
    assert read > 35_000


def test_pa_x_numbers_its_countries_as_we_do(shared_data: Path) -> None:
    rows = list(rows_of(shared_data / "pax" / "pax.csv.gz"))
    pairs = {(row[f"Loc{n}ISO"], int(float(row[f"Loc{n}GWNO"]))) for row in rows for n in (1, 2) if row[f"Loc{n}GWNO"]}
    assert len(pairs) > 80
    assert not [row["AgtId"] for row in rows for n in (1, 2) if row[f"Loc{n}ISO"] and not row[f"Loc{n}GWNO"]]
    assert {number for iso3, number in pairs if not iso3} == set(PAX_WITHOUT_CODE)
    assert all(registers.iso3_of_gw(number) == (iso3 or PAX_WITHOUT_CODE[number]) for iso3, number in pairs)
    other = {(iso3, number) for iso3, number in pairs if iso3 and registers.gw_of_iso3(iso3) != number}
    assert other == PAX_OTHER_NUMBER


def test_pa_x_names_its_countries_as_we_do(shared_data: Path) -> None:
    cells = {row["Con"] for row in rows_of(shared_data / "pax" / "pax.csv.gz")}
    # Regions and movements stand in brackets.
    names = {name for cell in cells for name in cell.partition("/(")[0].split("/") if not name.startswith("(")}
    assert len(names) > 90
    assert {name for name in names if registers.iso3_of_name(name) is None} == set()


def test_the_ceasefires_of_ccd_name_and_number_their_countries_as_we_do(shared_data: Path) -> None:
    rows = rows_of(shared_data / "ccd" / "ceasefires_dataset.csv.gz")
    places = {(row["location"], int(row["cc"])) for row in rows}
    assert len(places) > 60
    found = {name: (registers.iso3_of_name(name), registers.iso3_of_gw(number)) for name, number in places}
    assert {name: pair for name, pair in found.items() if None in pair or pair[0] != pair[1]} == {}


def test_the_peace_agreements_of_ucdp_name_and_number_their_countries_as_we_do(shared_data: Path) -> None:
    rows = list(rows_of(shared_data / "ucdp_pad" / "ucdp-peace-agreements-221.csv", "latin-1"))
    numbers = {int(number) for row in rows for number in row["gwno"].split(",")}
    names = {name for row in rows for name in row["conflict_name"].partition(":")[0].split(" - ")}
    assert len(numbers) > 50
    assert len(names) > 50
    assert {n for n in numbers if registers.iso3_of_gw(n) is None} == set()
    assert {name for name in names if registers.iso3_of_name(name) is None} == set()


def test_icews_names_its_countries_as_we_do(shared_data: Path) -> None:
    rows = rows_of(shared_data / "icews" / "events.2018.sample.tab")
    names = {row[column] for row in rows for column in ("Country", "Source Country", "Target Country")} - {""}
    assert len(names) > 140
    assert {name for name in names if registers.iso3_of_name(name) is None} == {"NA"}  # a place it could not find


def test_reign_names_its_countries_as_we_do_and_numbers_them_as_correlates_of_war(shared_data: Path) -> None:
    rows = rows_of(shared_data / "politics" / "electionlist_3_21.csv", "latin-1")
    elections = {(row["country"].strip(), int(row["ccode"])) for row in rows}
    assert len(elections) > 180
    assert {name for name, _ in elections if registers.iso3_of_name(name) is None} == set()
    other = {(name, n) for name, n in elections if registers.iso3_of_gw(n) != registers.iso3_of_name(name)}
    assert other == REIGN_OTHER_NUMBER
