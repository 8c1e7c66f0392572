"""Create model: what is said of the table, the fixes, the presets; every one of them a plain submit first."""

import json
import re
from html import unescape

import pytest

from models_app.models import Model
from tests.pages.test_create import HTMX, PAGE, answers, errors

pytestmark = pytest.mark.stack


INSPECT = "/s3/inspect/"


PRICES = "id,price,city,bought\n" + "".join(
    f"C-{i},${10 + i % 7}.50,city{i % 3},{'yes' if i % 3 else 'no'}\n" for i in range(60)
)


@pytest.fixture
def prices(lake) -> str:
    """A table with an id, money with its sign, a text column and a text label."""
    return lake.put("prices.csv", PRICES)


def recipe(text: str) -> dict:
    return json.loads(unescape(re.search(r'name="recipe" value="([^"]*)"', text)[1]))


def presses(text: str, name: str = "fix") -> dict[str, str]:
    """{what a button says: its value} of the buttons called `name`."""
    matches = re.findall(rf'<button[^>]* name="{name}" value="([^"]*)"[^>]*>([^<]*)</button>', text)
    return {unescape(label): unescape(value) for value, label in matches}


def test_a_fix_is_a_plain_submit_and_so_is_its_undo(signed_in, alice, prices):
    browser = signed_in(alice)
    form = answers(prices, target="bought")
    page = browser.post(PAGE, form | {"do": "inspect"})
    assert "id left out. It only tells the rows apart." in page.text
    undo = presses(page.text, "undo")["Undo"]
    page = browser.post(PAGE, form | {"recipe": json.dumps(recipe(page.text)), "undo": undo})
    assert recipe(page.text)["included"] == ["id"] and "id learned from" in page.text
    fix = presses(page.text)["Leave out id"]
    again = browser.post(PAGE, form | {"recipe": json.dumps(recipe(page.text)), "fix": fix})
    assert again.status_code == 200 and not Model.objects.exists()
    assert recipe(again.text)["excluded"] == ["id"]
    assert "Leave out id" not in presses(again.text)


def test_every_fix_that_is_offered_can_be_pressed(signed_in, alice, prices):
    browser, form = signed_in(alice), answers(prices, target="bought")
    offered = presses(browser.post(PAGE, form | {"do": "inspect"}).text)
    assert offered
    for label, value in offered.items():
        changes = json.loads(value)["changes"]
        page = browser.post(PAGE, form | {"fix": value}).text
        for key, change in changes.items():
            if key.startswith("recipe."):
                now_is = recipe(page).get(key.removeprefix("recipe."))
                assert now_is == change or isinstance(change, dict) and change.items() <= now_is.items(), label


def test_what_no_control_shows_is_carried(signed_in, alice, prices):
    carried = {"bad_cells": {"price": "missing"}, "seed": 7}
    page = signed_in(alice).post(PAGE, answers(prices, target="bought", do="inspect", recipe=json.dumps(carried))).text
    assert recipe(page).items() >= carried.items()
    assert 'name="seed"' in page and 'value="7"' in page


def test_a_recipe_of_nonsense_is_no_recipe(signed_in, alice, prices):
    for text in ("{", "[]", '{"excluded": "id", "seed": "x", "types": {"id": "poem"}, "validation": "luck"}'):
        page = signed_in(alice).post(PAGE, answers(prices, target="bought", do="inspect", recipe=text))
        assert page.status_code == 200
        assert recipe(page.text) == {"target": "bought"}


def test_columns_are_left_out_and_retyped_where_they_are_shown(signed_in, alice, prices):
    sent = answers(prices, target="bought") | {
        "col-type-id": "", "col-num-id": "",  # no tick: left out
        "col-in-price": "on", "col-type-price": "number", "col-num-price": "currency",
        "col-in-city": "on", "col-type-city": "category", "col-num-city": "",
        "col-in-bought": "on", "col-type-bought": "", "col-num-bought": "",
    }  # fmt: skip
    assert signed_in(alice).post(PAGE, sent).status_code == 302
    row = Model.objects.get().recipe
    assert row["excluded"] == ["id"]
    assert row["types"] == {"price": "number", "city": "category"}
    assert row["numbers"] == {"price": "currency"}


def test_a_column_that_stops_being_the_target_stays_in_use(signed_in, alice, table):
    browser = signed_in(alice)
    page = browser.get(PAGE, {"data": table}).text
    columns = dict(re.findall(r'name="(col-[^"]+)" value="([^"]*)"', page))
    columns |= {name: "" for name in re.findall(r'<select[^>]* name="(col-[^"]+)"', page)}
    columns |= {name: "on" for name in re.findall(r'type="checkbox" id="col-in-\d+" name="([^"]+)" checked', page)}
    assert len(columns) == 11  # of three columns: use, type and spelling, and a direction of the two features
    assert "excluded" not in recipe(browser.post(PAGE, answers(table, target="radius", do="inspect") | columns).text)


def test_of_many_columns_forty_are_shown_and_the_others_can_be_found(signed_in, alice, lake):
    names = [f"column_{i}" for i in range(120)]
    uri = lake.put("wide.csv", ",".join([*names, "label"]) + "\n" + (",".join(["1.5"] * 120) + ",0\n") * 9
                   + ",".join(["2.5"] * 120) + ",1\n")  # fmt: skip
    browser = signed_in(alice)
    page = browser.get(PAGE, {"data": uri}).text
    assert page.count('name="col-type-') == 40 and "The first 40 of 121 are shown." in page
    predicted = browser.post(INSPECT, answers(uri, find="Column_11"), headers=HTMX).text
    assert re.findall(r'name="col-type-(\w+)"', predicted) == ["column_11", *(f"column_{i}" for i in range(110, 120))]
    text = browser.post(
        INSPECT, answers(uri, find="column_5", recipe='{"excluded": ["column_110"]}'), headers=HTMX
    ).text
    assert recipe(text)["excluded"] == ["column_110"]  # though its controls are not on the page


def test_how_the_file_is_read_can_be_said(signed_in, alice, lake):
    uri = lake.put("semi.txt", "a;b;c\n" + "1;2;0\n3;4;1\n" * 20)
    browser = signed_in(alice)
    page = browser.post(PAGE, answers(uri, do="inspect", header="no", delimiter=";", encoding="cp1252")).text
    assert recipe(page) == {"has_header": False, "delimiter": ";", "encoding": "cp1252"}
    assert "no header row" in page
    assert browser.post(PAGE, answers(uri, do="inspect", header="", delimiter="")).text.count("col-type-a")


def test_the_choices_of_what_the_final_model_learns_from_are_as_short_as_their_select(signed_in, alice, table):
    page = signed_in(alice).get(PAGE, {"data": table}).text.partition('id="refit"')[2].partition("</select>")[0]
    labels = re.findall(r">([^<]+)</option>", page)
    assert any("folds" in label for label in labels)
    assert max(map(len, labels)) <= 36


def test_the_final_model_learns_from_the_validation_rows_unless_a_person_says_otherwise(signed_in, alice, table):
    browser = signed_in(alice)
    assert re.search(r'id="refit".*?value="yes" selected', browser.get(PAGE, {"data": table}).text, re.DOTALL)
    folded = browser.post(PAGE, answers(table, do="inspect", refit="folds")).text
    assert recipe(folded)["refit"] and recipe(folded)["folds"]
    latest = browser.post(
        PAGE, answers(table, do="inspect", refit="folds", validation="time", time_column="texture")
    ).text
    assert latest.count('value="folds" selected') == 1 and 'value="yes"' not in latest.partition('id="refit"')[2][:400]
    answer = browser.post(PAGE, answers(table, do="inspect", refit="no")).text
    assert "refit" not in recipe(answer)
    for other in ({"validation": "none"}, {"algorithm": "kmeans"}):
        assert 'id="refit"' not in browser.post(PAGE, answers(table, do="inspect") | other).text


def test_validation_data_is_a_share_a_location_or_the_latest_rows(signed_in, alice, table):
    browser = signed_in(alice)
    share = browser.post(PAGE, answers(table, do="inspect", validation="share", validation_share="0.1")).text
    assert "54 rows train the model and 6 rows measure it." in share
    uri = browser.post(PAGE, answers(table, do="inspect", validation="location", validation_uri=f"{table} ")).text
    assert recipe(uri)["validation_uri"] == table and 'id="validation_uri"' in uri
    time = browser.post(PAGE, answers(table, do="inspect", validation="time", time_column="texture")).text
    assert recipe(time)["time_column"] == "texture" and 'id="seed"' not in time
    none = browser.post(PAGE, answers(table, do="inspect", validation="none")).text
    assert recipe(none)["validation"] == "none" and 'id="validation_share"' not in none


def test_a_fresh_form_keeps_test_rows_and_an_old_one_keeps_none(signed_in, alice, table):
    browser = signed_in(alice)
    fresh = browser.get(PAGE, {"data": table}).text
    assert recipe(fresh) == {"test_share": 0.1, "refit": True}
    assert "42 rows train the model, 12 rows validate it and 6 rows test it." in fresh
    assert "test_share" not in recipe(browser.get(PAGE, {"data": table, "recipe": '{"seed": 7}'}).text)
    assert "test_share" not in recipe(browser.post(PAGE, answers(table, do="inspect")).text)
    none = browser.post(PAGE, answers(table, do="inspect", validation="none", test_share="0.2")).text
    assert "48 rows train the model and 12 rows test it." in none
    clusters = browser.post(PAGE, answers(table, do="inspect", algorithm="kmeans", test_share="0.2")).text
    assert 'id="test_share"' not in clusters


def test_a_share_that_is_none_is_said_at_its_field(signed_in, alice, table):
    page = signed_in(alice).post(PAGE, answers(table, test_share="many"))
    assert page.status_code == 422 and 'href="#test_share"' in errors(page)
    page = signed_in(alice).post(PAGE, answers(table, validation_share="0.6", test_share="0.5"))
    assert page.status_code == 422 and 'href="#test_share"' in errors(page)


def test_whole_groups_are_suggested_where_an_id_repeats(signed_in, alice, lake):
    rows = "".join(f"u{i % 20},{i % 7},2024-03-{i % 28 + 1:02},{'ab'[i % 3 == 0]}\n" for i in range(100))
    uri, browser = lake.put("visits.csv", "user_id,x,day,y\n" + rows), signed_in(alice)
    page = browser.post(PAGE, answers(uri, target="y", do="inspect")).text
    assert "user_id repeats and looks like an ID." in page
    form = answers(uri, target="y", recipe=json.dumps(recipe(page)))
    form.pop("validation", None)
    grouped = browser.post(PAGE, form | {"fix": presses(page)["Hold out whole groups by user_id"]}).text
    assert recipe(grouped) | {"validation": "group", "group_column": "user_id"} == recipe(grouped)
    assert "looks like an ID" not in grouped and 'id="group_column"' in grouped
    refused = browser.post(PAGE, answers(uri, target="y", validation="group", group_column=""))
    assert refused.status_code == 422 and 'href="#group_column"' in errors(refused)


def test_the_latest_rows_are_suggested_where_there_is_a_date(signed_in, alice, lake):
    rows = "".join(f"{i % 7},2024-03-{i % 28 + 1:02},{'ab'[i % 3 == 0]}\n" for i in range(100))
    uri = lake.put("days.csv", "x,day,y\n" + rows)
    page = signed_in(alice).post(PAGE, answers(uri, target="y", do="inspect")).text
    assert "Hold out the latest rows by day" in presses(page)


def test_a_seed_that_is_no_number_is_said_at_its_field(signed_in, alice, table):
    page = signed_in(alice).post(PAGE, answers(table, seed="lucky"))
    assert page.status_code == 422
    assert "Enter a whole number" in errors(page) and 'href="#seed"' in errors(page)
    assert 'value="lucky"' in page.text
    assert not Model.objects.exists()


def test_the_file_exactly_as_it_is_is_checked_as_the_container_would_read_it(signed_in, alice, table):
    page = signed_in(alice).post(PAGE, answers(table, do="inspect", prepare="no")).text
    assert 'class="chk chk--err"' in page
    assert "Let the console prepare the table" in presses(page)
    refused = signed_in(alice).post(PAGE, answers(table, prepare="no"))
    assert refused.status_code == 422 and not Model.objects.exists()
    assert 'class="chk chk--err"' in refused.text


def test_findings_come_worst_first_and_passed_ones_are_folded(signed_in, alice, prices):
    page = signed_in(alice).get(PAGE, {"data": prices, "target": "bought"}).text
    panel = page[page.index('id="preflight"') :]
    levels = re.findall(r'class="chk chk--(err|warn|ok)"', panel)
    assert levels == sorted(levels, key=("err", "warn", "ok").index)
    assert re.search(r"Show \d+ more passed checks", panel)
    assert "All 60 rows checked." in panel


def test_a_cell_that_is_no_number_is_marked_where_it_stands(signed_in, alice, lake):
    rows = "1.5,0\n2.5,1\n" * 40
    page = signed_in(alice).get(PAGE, {"data": lake.put("odd.csv", f"size,label\n7,0\n12ab,1\n{rows}")}).text
    assert re.findall(r'<td class="mono is-bad">([^<]*)<', page) == ["12ab"]


def test_what_cannot_be_read_is_in_the_panel_too(signed_in, alice, lake):
    page = signed_in(alice).post(PAGE, answers(lake.put("no.csv", bytes(range(256)) * 40), do="inspect")).text
    assert 'class="chk chk--err"' in page[page.index('id="preflight"') :]


def test_a_preset_fills_the_hyperparameters(signed_in, alice, table):
    page = signed_in(alice).post(PAGE, answers(table, preset="Accurate")).text
    assert 'id="hp-num_round" name="hp-num_round" inputmode="decimal" value="1000"' in page
    assert re.search(r'id="preset-accurate"[^>]*aria-pressed="true"', page)
    assert not re.search(r'id="preset-fast"[^>]*aria-pressed="true"', page)
    assert not Model.objects.exists()


def test_a_new_form_is_the_balanced_preset(signed_in, alice):
    assert re.search(r'id="preset-balanced"[^>]*aria-pressed="true"', signed_in(alice).get(PAGE).text)


def test_one_hyperparameter_or_all_go_back_to_their_default(signed_in, alice, table):
    browser, form = signed_in(alice), answers(table) | {"hp-eta": "0.05", "hp-max_depth": "9"}
    one = browser.post(PAGE, form | {"reset": "eta"}).text
    assert 'name="hp-eta" inputmode="decimal" value="0.3"' in one
    assert 'name="hp-max_depth" inputmode="decimal" value="9"' in one
    every = browser.post(PAGE, form | {"reset": ""}).text
    assert 'name="hp-max_depth" inputmode="decimal" value="6"' in every
    assert re.search(r'name="hp-num_round" inputmode="decimal" value="\d+"', every)  # it must be given


def test_a_setting_that_does_not_matter_says_with_what_it_would(signed_in, alice, table):
    row = r'<div class="hp([^"]*)" data-needs="hp-objective" data-when="multi:softmax\|multi:softprob">'
    page = signed_in(alice).post(PAGE, answers(table, do="inspect")).text
    assert re.search(row, page)[1] == " is-off"
    assert "Only matters with objective multi:softmax, multi:softprob" in page
    page = signed_in(alice).post(PAGE, answers(table, do="inspect") | {"hp-objective": "multi:softprob"}).text
    assert re.search(row, page)[1] == ""


def test_objectives_that_a_table_says_too_little_for_are_not_offered(signed_in, alice, table):
    browser = signed_in(alice)
    select = r'<select class="select" id="hp-objective".*?</select>'
    offered = re.search(select, browser.post(PAGE, answers(table, do="inspect")).text, re.DOTALL)[0]
    assert "rank:" not in offered and "survival:aft" not in offered and "aft_loss" not in offered
    assert "survival:cox" in offered and "multi:softprob" in offered
    typed = answers(table, do="inspect") | {"hp-objective": "rank:ndcg"}
    page = browser.post(PAGE, typed).text
    assert ">rank:ndcg<" in re.search(select, page, re.DOTALL)[0] and "rank:ndcg cannot learn from this table" in page
    groups = answers(table, do="inspect") | {"data_uri": "s3://bucket/rows.libsvm"}
    assert "rank:ndcg" in re.search(select, browser.post(PAGE, groups).text, re.DOTALL)[0]


def test_another_algorithm_brings_its_own_hyperparameters_and_keeps_what_was_typed(signed_in, alice, table):
    sent = answers(table, algorithm="kmeans") | {"of-algorithm": "xgboost", "hp-eta": "0.07"}
    part = signed_in(alice).post(INSPECT, sent, headers=HTMX).text
    assert 'id="hp" aria-labelledby="h-hp" hx-swap-oob="true"' in part
    assert 'name="hp-k"' in part and "hp-eta" not in part
    assert "nothing is predicted" in part and '<select class="select" id="target"' not in part


def test_a_live_change_says_everything_that_is_wrong_at_once(signed_in, alice, table):
    sent = answers(table) | {"of-algorithm": "xgboost", "hp-eta": "1.5", "hp-subsample": "0", "hp-foo": "1"}
    part = signed_in(alice).post(INSPECT, sent, headers=HTMX).text
    for name in ("eta", "subsample", "foo"):
        assert re.search(rf'<div id="hp-{name}-e" aria-live="polite" hx-swap-oob="true"><p class="ferr">', part)
    assert '<div id="hp-max_depth-e" aria-live="polite" hx-swap-oob="true"></div>' in part


def test_the_algorithm_that_suits_the_data_is_one_press_away(signed_in, alice, table):
    part = signed_in(alice).post(INSPECT, answers(table), headers=HTMX)
    fix = presses(part.text)["Choose CatBoost"]
    page = signed_in(alice).post(PAGE, answers(table, fix=fix)).text
    assert re.search(r'name="algorithm" value="catboost" checked', page)
    assert 'name="hp-learning_rate"' in page


def test_what_is_suggested_does_the_same_and_only_classes_keep_their_shares(signed_in, alice, table, lake):
    browser = signed_in(alice)
    assert "Classes keep their shares." in browser.post(PAGE, answers(table, do="inspect")).text
    clusters = browser.post(PAGE, answers(table, algorithm="kmeans", do="inspect")).text
    assert "holds out the same rows again." in clusters and "Classes keep their shares." not in clusters
    assert "Suggested" not in clusters and "Choose CatBoost" not in presses(clusters)
    numbers = lake.put("numbers.csv", "y,a\n" + "".join(f"{i}.5,{i * i % 7}\n" for i in range(60)))
    assert "Classes keep their shares." not in browser.post(PAGE, answers(numbers, target="y", do="inspect")).text


def test_a_weight_column_is_chosen_refused_by_name_and_taken_back(signed_in, alice, lake):
    rows = "".join(f"{i % 7},{i % 3 + 1},{i * 3 % 11},{'yes' if i % 3 else 'no'}\n" for i in range(60))
    browser, uri = signed_in(alice), lake.put("weighted.csv", f"age,w,size,bought\n{rows}")
    form = answers(uri, target="bought")
    page = browser.post(PAGE, form | {"do": "inspect"}).text
    assert re.search(r'name="weight" value="" checked', page) and 'name="weight" value="bought"' not in page
    page = browser.post(PAGE, form | {"weight": "w", "do": "inspect"}).text
    assert recipe(page)["weight"] == "w" and "Rows count by w" in page
    assert re.search(r'name="weight" value="w" checked', page) and 'type="checkbox" id="col-in-2"' not in page
    # The page posts no tick for the weight; without a weight it is a feature again.
    visible = {"col-type-w": "", "col-num-w": "", "col-in-w": "on", "recipe": json.dumps(recipe(page))}
    none = recipe(browser.post(PAGE, form | visible | {"weight": "", "do": "inspect"}).text)
    assert not none.get("weight") and not none.get("excluded")
    forest = browser.post(PAGE, form | {"algorithm": "lightgbm", "weight": "w", "do": "inspect"}).text
    assert "LightGBM takes no weights" in forest and "Let all rows count the same" in presses(forest)
    by_hand = form | {"hp-csv_weights": "1", "do": "inspect"}
    page = browser.post(PAGE, by_hand).text
    assert "csv_weights is 1, and no weight column is chosen" in page
    page = browser.post(PAGE, by_hand | {"fix": presses(page)["Leave csv_weights out"]}).text
    assert "csv_weights is 1" not in page


def test_unseen_categories_are_refused_if_the_form_says_so(signed_in, alice, prices):
    form = answers(prices, target="bought")
    page = signed_in(alice).post(PAGE, form | {"unseen": "refuse", "do": "inspect"}).text
    assert recipe(page)["unseen"] == "refuse" and "The endpoint refuses categories" in page


def test_a_prediction_may_be_made_to_only_rise_with_a_column(signed_in, alice, lake):
    rows = "".join(f"{i % 7},{'ab'[i % 2]},{'yes' if i % 3 else 'no'}\n" for i in range(60))
    browser, uri = signed_in(alice), lake.put("rises.csv", f"age,city,bought\n{rows}")
    form = answers(uri, target="bought")
    page = browser.post(PAGE, form | {"do": "inspect"}).text
    assert 'name="col-mono-age"' in page and 'name="col-mono-city"' not in page
    visible = {"col-in-age": "on", "col-type-age": "", "col-num-age": "", "col-mono-age": "up"}
    page = browser.post(PAGE, form | visible | {"do": "inspect"}).text
    assert recipe(page)["monotone"] == {"age": "up"} and "Predictions only rise with age" in page
    assert re.search(r'name="col-mono-age".*?<option value="up" selected>', page, re.DOTALL)
    remaining = {"recipe": json.dumps(recipe(page)), "col-mono-age": ""}
    assert "monotone" not in recipe(browser.post(PAGE, form | visible | remaining | {"do": "inspect"}).text)
