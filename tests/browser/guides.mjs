// The one-page guides as people print them: node guides.mjs PACKAGES CHROMIUM FOLDER < {"guides": [paths]}
// Says of each how many pages it takes.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Browser } from './browser.mjs';

const { guides } = JSON.parse(readFileSync(0, 'utf8'));
const folder = process.argv[4];
mkdirSync(folder, { recursive: true });

const STYLE = `
  @page { size: A4; margin: 11mm 14mm; }
  body { font: 9.5pt/1.32 'Noto Sans', 'DejaVu Sans', sans-serif; margin: 0; }
  h1 { font-size: 16pt; margin: 0 0 2mm; }
  p, ol, ul, table { margin: 0 0 2mm; }
  ol, ul { padding-left: 5mm; }
  table { border-collapse: collapse; width: calc(100% - 1px); }
  th, td { border: 0.3pt solid; padding: 0.6mm 2mm; text-align: left; vertical-align: top; }
`;

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const inline = (text) =>
  escaped(text)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\*\*([^*]+)\*\*/g, '<b>$1</b>')
    .replace(/\*([^*]+)\*/g, '<i>$1</i>')
    .replace(/\[([^\]]+)\]\([^)]+\)/g, '$1');
const items = (lines, mark) => lines.map((line) => `<li>${inline(line.replace(mark, ''))}</li>`).join('');
const cells = (line, kind) => line.split('|').slice(1, -1).map((cell) => `<${kind}>${inline(cell.trim())}</${kind}>`).join('');

/** The few things that these guides are made of; anything else is a mistake of whoever wrote it. */
function rendered(block) {
  // A line that is set in goes on with the one before.
  const lines = block.replace(/\n {2,}/g, ' ').split('\n');
  const every = (mark) => lines.every((line) => mark.test(line));
  if (every(/^# /)) return `<h1>${inline(block.slice(2))}</h1>`;
  if (every(/^\d+\. /)) return `<ol>${items(lines, /^\d+\. /)}</ol>`;
  if (every(/^- /)) return `<ul>${items(lines, /^- /)}</ul>`;
  if (every(/^\|.*\|$/)) return `<table><tr>${cells(lines[0], 'th')}</tr>${lines.slice(2).map((line) => `<tr>${cells(line, 'td')}</tr>`).join('')}</table>`;
  if (lines.some((line) => /^([#>|-]|\d+\. |```)/.test(line))) throw new Error(`this is not printed: ${block}`);
  return `<p>${inline(lines.join(' '))}</p>`;
}

const profile = mkdtempSync(join(tmpdir(), 'homphieu-browser-'));
const browser = await Browser.start(profile);
try {
  const pages = {};
  for (const guide of guides) {
    const name = basename(guide, '.md');
    const blocks = readFileSync(guide, 'utf8').trim().split(/\n{2,}/);
    await browser.page.setContent(`<!doctype html><title>${name}</title><style>${STYLE}</style>${blocks.map(rendered).join('\n')}`);
    const pdf = await browser.page.pdf({ preferCSSPageSize: true });
    writeFileSync(join(folder, `${name}.pdf`), pdf);
    pages[name] = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  }
  console.log(JSON.stringify(pages));
} finally {
  await browser.end();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
