// Cells as spreadsheets put them on the clipboard: tabs and lines, with quotation marks around what holds either.

export function toText(rows) {
  const text = rows.map((cells) => cells.map(quoted).join("\t")).join("\n");
  // Many spreadsheets end the last line too, so a last line that is empty must be ended to be seen.
  return text.endsWith("\n") ? `${text}\n` : text;
}

export function fromText(text) {
  const rows = [[]];
  let cell = "";
  let isQuoted = false;
  const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let at = 0; at < source.length; at += 1) {
    const character = source[at];
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (source[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else isQuoted = false;
    } else if (character === '"' && cell === "" && closes(source, at)) isQuoted = true;
    else if (character === "\t" || character === "\n") {
      rows.at(-1).push(cell);
      cell = "";
      if (character === "\n") rows.push([]);
    } else cell += character;
  }
  rows.at(-1).push(cell);
  return rows;
}

function quoted(text) {
  return /[\t\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// Text may begin with a quotation mark of its own: it surrounds a cell only if its fellow ends one.
function closes(source, at) {
  for (let end = at + 1; end < source.length; end += 1) {
    if (source[end] !== '"') continue;
    if (source[end + 1] === '"') end += 1;
    else return end + 1 === source.length || source[end + 1] === "\t" || source[end + 1] === "\n";
  }
  return false;
}
