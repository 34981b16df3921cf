// What scripts say, in the language of the page. English is written in the code; the page brings the rest.
const given = JSON.parse(document.getElementById("notice")?.dataset.messages ?? "{}");
const language = document.documentElement.lang || "en";

const filled = (message, values) => message.replace(/%\((\w+)\)s/g, (place, name) => values[name] ?? place);

// The sentence with its %(name)s replaced by `values.name`.
export function say(message, values = {}) {
  return filled(given[message] ?? message, values);
}

// The sentence in the singular or plural that goes with `number`, which may stand in it as %(number)s.
export function sayCount(one, many, number, values = {}) {
  const forms = given[one] ?? [one, many];
  const isOne = new Intl.PluralRules(language).select(number) === "one";
  return filled(forms[isOne ? 0 : 1], { number: number.toLocaleString(language), ...values });
}

export function decimal(value, digits) {
  return value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
