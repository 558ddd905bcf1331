// One cell: what is typed <-> what is kept <-> what is shown. As strict as the app, which checks all of it again.

const WHOLE_NUMBER = /^[+-]?[0-9]+$/;
const NUMBER = /^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$/;
const DAY = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const MOMENT = /^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?)? ?(Z|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?$/;
const TRUE = new Set(["true", "yes", "1", "on", "y"]);
const FALSE = new Set(["false", "no", "0", "off", "n"]);
const UNIT_DIGITS = { s: 0, ms: 3, us: 6, ns: 9 };
const LARGEST = { 16: 65519.99, 32: 3.4028235677973366e38, 64: Infinity };
const MAX_CHARACTERS = 10000;
const MAX_DIGITS = 4300;

export const HINTS = {
  int: "Whole number",
  float: "Number, with a point",
  bool: "True or false",
  str: "Text",
  date: "Date, such as 2026-01-31",
  datetime: "Date and time, such as 2026-01-31 13:45:00",
  choice: "Choose from the list",
  other: "Cannot be edited",
};

export const isNumeric = (column) => column.kind === "int" || column.kind === "float";
export const isEditable = (column) => column.kind !== "other";

// What was typed as {value}, or as {text, reason} when the column does not take it.
export function read(column, text) {
  if (!isEditable(column)) return { text, reason: "This column is only shown; it cannot be edited." };
  if (text === "" || (column.kind !== "str" && text.trim() === "")) {
    return column.nullable ? { value: null } : { text: "", reason: "This cell cannot be empty." };
  }
  const found = READERS[column.kind](column, column.kind === "str" ? text : text.trim());
  return "reason" in found ? { text, reason: found.reason } : found;
}

const READERS = {
  int(column, text) {
    if (!WHOLE_NUMBER.test(text)) return { reason: "Not a whole number: write digits only, such as 42 or -7." };
    if (text.length > MAX_DIGITS) return { reason: `At most ${MAX_DIGITS} digits are taken.` };
    const number = BigInt(text.startsWith("+") ? text.slice(1) : text);
    if (column.least !== null && number < BigInt(column.least)) return { reason: `Too small: ${column.least} and above is taken.` };
    if (column.greatest !== null && number > BigInt(column.greatest)) return { reason: `Too large: ${column.greatest} at most is taken.` };
    const isSafe = number >= BigInt(Number.MIN_SAFE_INTEGER) && number <= BigInt(Number.MAX_SAFE_INTEGER);
    return { value: isSafe ? Number(number) : String(number) };
  },
  float(column, text) {
    if (!NUMBER.test(text)) return { reason: "Not a number: write it with a point and no thousands separator, such as 0.5 or 1.2e-7." };
    const number = Number(text);
    if (!Number.isFinite(number) || Math.abs(number) > LARGEST[column.bits ?? 64]) return { reason: "Too large for this column." };
    return { value: number };
  },
  bool(column, text) {
    const word = text.toLowerCase();
    if (TRUE.has(word)) return { value: true };
    return FALSE.has(word) ? { value: false } : { reason: "Neither true nor false: write one of the two." };
  },
  str(column, text) {
    if ([...text].length > MAX_CHARACTERS) return { reason: `At most ${MAX_CHARACTERS} characters are taken.` };
    return text.isWellFormed?.() === false ? { reason: "Holds half of a character." } : { value: text };
  },
  date(column, text) {
    if (!DAY.test(text)) return { reason: "Not a date: write year-month-day, such as 2026-01-31." };
    return isDay(text) ? { value: text } : { reason: `There is no ${text} in the calendar.` };
  },
  datetime(column, text) {
    const found = MOMENT.exec(text);
    if (!found) return { reason: "Not a date with a time: write it such as 2026-01-31 13:45:00." };
    const [, day, hour = "00", minute = "00", second = "00", fraction = "", offset = ""] = found;
    if (!isDay(day)) return { reason: `There is no ${day} in the calendar.` };
    if (hour > "23" || minute > "59" || second > "59") return { reason: `There is no ${hour}:${minute}:${second} on the clock.` };
    if (offset && !column.zone) return { reason: `The column has no time zone: leave out ${offset}.` };
    const digits = fraction.replace(/0+$/, "");
    if (digits.length > UNIT_DIGITS[column.unit]) return { reason: "Finer than this column keeps." };
    return { value: `${day}T${hour}:${minute}:${second}${digits && "."}${digits}${offset === "Z" ? "+00:00" : offset}` };
  },
  choice(column, text) {
    return column.choices.includes(text) ? { value: text } : { reason: "None of the choices." };
  },
};

function isDay(text) {
  const moment = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(moment.getTime()) && moment.toISOString().slice(0, 10) === text && text > "0000-12-31";
}

// What was kept, as it is shown, copied and typed again.
export function show(column, value) {
  if (value === null || value === undefined) return "";
  if (column.kind === "datetime") return String(value).replace("T", " ");
  return String(value);
}

// Whether what was read is what stood there: emptied text is, and so is a moment whose offset was left out.
export function isSame(column, value, before) {
  if (value === before) return true;
  if (column.kind === "str") return value === null && before === "";
  return column.kind === "datetime" && typeof before === "string" && value === before.replace(/[+-][0-9:]+$/, "");
}
