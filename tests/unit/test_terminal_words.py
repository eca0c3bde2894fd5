"""Questions on the terminal, as they are laid out there."""

from wizard.commands.terminal import in_whole_words


def test_a_fingerprint_is_never_broken_and_the_answer_keeps_its_distance() -> None:
    print_of_key = "SHA256:BWQ0sqyPq7d6BD1UeTzBszwIyVxFb5GRaAm8XFoUv7I"
    text = f"The host key of [127.0.0.1]:33429 is not known. It shows {print_of_key}. Trust it? "
    lines = in_whole_words(text, 40).split("\n")
    assert any(print_of_key in line for line in lines)
    assert all(len(line) <= 40 for line in lines if print_of_key not in line)
    assert lines[-1].endswith("Trust it? ")
