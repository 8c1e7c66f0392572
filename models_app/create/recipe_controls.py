"""The controls of the Create model form that make up the recipe: their choices, and what each of them shows."""

import json
from typing import Any

from algorithms.fold_score import MAX_ROWS
from models_app.create import recipe_form
from tables import Recipe


class RecipeControls:
    """What templates ask of the form about its recipe."""

    recipe: Recipe
    data: Any
    is_bound: bool
    selected_algorithm: Any

    headers, delimiters, encodings = recipe_form.HEADERS, recipe_form.DELIMITERS, recipe_form.ENCODINGS
    label_word_choices, label_cases = recipe_form.LABEL_WORDS, recipe_form.LABEL_CASE
    quotings, alignments = recipe_form.QUOTING, recipe_form.ALIGN_NAMES
    raggeds, unlabelleds, duplicate_choices = recipe_form.RAGGED, recipe_form.UNLABELLED, recipe_form.DUPLICATES
    validations, unseen_choices = recipe_form.VALIDATION, recipe_form.UNSEEN
    class_weightings = recipe_form.CLASS_WEIGHTS

    @property
    def recipe_text(self) -> str:
        """The hidden control that carries what no other control shows."""
        return json.dumps(self.recipe.as_json())

    @property
    def is_raw(self) -> bool:
        """The file goes to the algorithm as it is."""
        return not self.recipe.prepare

    @property
    def header_value(self) -> str:
        """yes, no, or "" to leave it to the inspection."""
        return {True: "yes", False: "no", None: ""}[self.recipe.has_header]

    @property
    def delimiter_value(self) -> str:
        """The word for the delimiter, or the delimiter itself."""
        return {sign: word for word, sign in recipe_form.SIGNS.items()}.get(
            self.recipe.delimiter, self.recipe.delimiter
        )

    @property
    def share(self) -> str:
        """The share of validation rows as text."""
        return f"{self.recipe.validation_share:g}"

    @property
    def test_share(self) -> str:
        """The share of test rows as text."""
        return f"{self.recipe.test_share:g}"

    @property
    def shares(self) -> list[tuple[str, str]]:
        """(value, percent) of the usual shares, and of the chosen one when it is none of them."""
        return _percentages(recipe_form.SHARES, self.share)

    @property
    def test_shares(self) -> list[tuple[str, str]]:
        """As `shares`, of the test rows."""
        return _percentages(recipe_form.TEST_SHARES, self.test_share)

    @property
    def refit_choice(self) -> str:
        """The choice of `refits` that the recipe has."""
        return ("folds" if self.recipe.folds else "yes") if self.recipe.refit else "no"

    @property
    def has_folds(self) -> bool:
        """Folds can choose the rounds of the final model."""
        return self.selected_algorithm.folds and self.recipe.validation == "share"

    @property
    def fold_rows(self) -> int:
        """The most rows that are dealt into folds."""
        return MAX_ROWS

    @property
    def refits(self) -> list[tuple[str, Any]]:
        """The choices of what the final model learns from; without folds, one that keeps them for another algorithm."""
        if self.has_folds:
            return recipe_form.REFIT
        once, _folds, never = recipe_form.REFIT
        return [("folds" if self.recipe.folds else once[0], once[1]), never]

    @property
    def has_refit(self) -> bool:
        """The final model can learn from the validation rows, too."""
        return self.recipe.prepare and self.recipe.validation != "none" and self.selected_algorithm.refits

    @property
    def has_test_rows(self) -> bool:
        """Test rows can be held out: the table is prepared, and a label predicted."""
        return self.recipe.prepare and self.selected_algorithm.supervised

    @property
    def seed_text(self) -> str:
        """The seed as it was typed."""
        return self.data.get("seed", str(self.recipe.seed)) if self.is_bound else str(self.recipe.seed)


def _percentages(usual: list[str], chosen: str) -> list[tuple[str, str]]:
    """(value, percent) of each of the `usual` shares and the `chosen` one."""
    return [(value, f"{100 * float(value):g}%") for value in sorted({*usual, chosen}, key=float)]
