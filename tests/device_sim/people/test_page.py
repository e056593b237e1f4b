from hypothesis import given
from hypothesis import strategies as st

from device_sim.people.page import confirming_form, forms_of, rating_form

URL = "https://amends.example/rate/abc"

BUTTONS = """
<form method="post"><input type="hidden" name="page" value="k&amp;1"><input name="website" tabindex="-1">
  <button name="score" value="1">Bad</button><button name="score" value="2">2</button><button name="score" value="3">3
  </button><button name="score" value="4">4</button><button name="score" value="5">Great</button>
  <textarea name="comment"></textarea></form>"""
RADIOS = """
<form action="/rate/abc/send" method="POST">
  <input type="radio" name="stars" value="1"><input type="radio" name="stars" value="2">
  <input type="radio" name="stars" value="3" checked><input type="radio" name="stars" value="4">
  <input type="radio" name="stars" value="5"><button name="do" value="rate">Send</button></form>"""
SELECT = """
<form action="send" method="post"><select name="n"><option value="1"><option value="2"><option value="3" selected>
<option value="4"><option value="5"></select><input type="submit" value="Send"></form>"""
VISIT = """
<form method="post"><input type="hidden" name="page" value="k"><button name="do" value="confirm">Yes</button></form>
<form method="post"><button name="do" value="cancel">No</button></form>"""


def test_a_rating_with_one_button_a_score_is_sent_as_pressed() -> None:
    found = rating_form(forms_of(BUTTONS, URL), 4)

    assert found is not None
    form, choice = found
    assert form.action == URL
    assert form.filled(choice, "thanks") == {"page": "k&1", "website": "", "score": "4", "comment": "thanks"}


def test_a_rating_by_radios_takes_the_button_along() -> None:
    found = rating_form(forms_of(RADIOS, URL), 5)

    assert found is not None
    assert found[0].action == "https://amends.example/rate/abc/send"
    assert found[0].filled(found[1]) == {"stars": "5", "do": "rate"}


def test_a_rating_from_a_list_is_chosen() -> None:
    found = rating_form(forms_of(SELECT, URL), 2)

    assert found is not None
    assert found[0].filled(found[1]) == {"n": "2"}


def test_a_page_without_a_rating_has_none() -> None:
    assert rating_form(forms_of(VISIT, URL), 3) is None
    assert rating_form(forms_of("<p>gone", URL), 3) is None


def test_the_form_that_confirms_is_found_and_the_one_that_cancels_is_left_alone() -> None:
    found = confirming_form(forms_of(VISIT, URL))

    assert found is not None
    assert found[0].filled(found[1]) == {"page": "k", "do": "confirm"}
    assert confirming_form(forms_of(BUTTONS, URL)) is None


@given(st.text(alphabet=st.sampled_from("<>/=\"' formbuttoinpueslxa1"), max_size=80))
def test_no_page_is_too_broken_to_look_at(page: str) -> None:
    forms_of(page, URL)
