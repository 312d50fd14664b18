export interface Bar {
  label: string;
  unit: string;
  ours: number;
  plain?: number;
}

const WIDTH = 760;
const LEFT = 8;
/** Beside the longest bar, for its figure. */
const FIGURE = 90;
const ROW = 16;
const GAP = 10;
const FONT = 12;

/**
 * Bars, one pair per figure, as an SVG that takes its colours from the reader's light or dark page. Each pair has a scale of its
 * own, because the figures of one benchmark have different units.
 */
export function barChart(title: string, bars: Bar[]): string {
  const parts: string[] = [];
  let y = 44;
  for (const { label, unit, ours, plain } of bars) {
    const most = Math.max(ours, plain ?? 0) || 1;
    parts.push(text(LEFT, y + FONT, `${label} (${unit})`));
    parts.push(bar('ours', (y += ROW), ours / most, ours));
    if (plain !== undefined) parts.push(bar('plain', (y += ROW), plain / most, plain));
    y += ROW + GAP;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" role="img">
<title>${escaped(title)}</title>
<style>
  text { font: ${FONT}px system-ui, sans-serif; fill: #1f2328 }
  .ours { fill: #0969da } .plain { fill: #8c959f }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .ours { fill: #4493f8 } .plain { fill: #6e7681 } }
</style>
${text(LEFT, 20, title)}
<rect class="ours" x="400" y="10" width="10" height="10"/>${text(414, 20, 'ProjectFlow')}
<rect class="plain" x="510" y="10" width="10" height="10"/>${text(524, 20, 'the plain way')}
${parts.join('\n')}
</svg>
`;
}

function bar(name: 'ours' | 'plain', y: number, part: number, value: number): string {
  const width = Number.isFinite(part) ? Math.max(1, part * (WIDTH - LEFT - FIGURE)) : 0;
  const end = LEFT + width;
  return `<rect class="${name}" x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 2}"/>${text(end + 6, y + FONT, rounded(value))}`;
}

function rounded(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(2);
}

function text(x: number, y: number, content: string): string {
  return `<text x="${x.toFixed(1)}" y="${y}">${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
