/** A line chart as SVG, both axes logarithmic: what grows linearly rises at 45 degrees on equal decades. */

export interface Series {
  name: string;
  points: { x: number; y: number }[];
}

export interface Chart {
  title: string;
  /** With their units. */
  axes: { x: string; y: string };
  series: Series[];
}

const WIDTH = 760;
const HEIGHT = 440;
const MARGIN = { top: 48, right: 170, bottom: 52, left: 64 };
const DECADE = 10;
/** Told apart by people who see colours differently: https://jfly.uni-koeln.de/color/ */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

export function lineChart({ title, axes, series }: Chart): string {
  const points = series.flatMap((each) => each.points).filter(({ x, y }) => x > 0 && y > 0);
  const x = scale(
    points.map((point) => point.x),
    [MARGIN.left, WIDTH - MARGIN.right],
  );
  const y = scale(
    points.map((point) => point.y),
    [HEIGHT - MARGIN.bottom, MARGIN.top],
  );
  const sizes = [...new Set(points.map((point) => point.x))].sort((a, b) => a - b);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="sans-serif" font-size="13">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    text({ x: MARGIN.left, y: 26, size: 16 }, title),
    ...y.decades.map((value) => gridLine(y.place(value), value)),
    ...sizes.map((value) =>
      text({ x: x.place(value), y: HEIGHT - MARGIN.bottom + 20, anchor: "middle" }, `${value}`),
    ),
    text({ x: (MARGIN.left + WIDTH - MARGIN.right) / 2, y: HEIGHT - 12, anchor: "middle" }, axes.x),
    text({ x: 8, y: MARGIN.top - 8 }, axes.y),
    ...series.map(({ points: own }, index) => line(own, x.place, y.place, colour(index))),
    ...legend(series),
    "</svg>",
    "",
  ].join("\n");
}

interface Scale {
  place(value: number): number;
  decades: number[];
}

/** From the decade below the least value to the one above the greatest. */
function scale(values: number[], [from, to]: [number, number]): Scale {
  const low = Math.floor(Math.log10(Math.min(...values, DECADE)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values, 1))));
  return {
    place: (value) => round(from + ((Math.log10(value) - low) / (high - low)) * (to - from)),
    decades: Array.from({ length: high - low + 1 }, (_, i) => DECADE ** (low + i)),
  };
}

function gridLine(y: number, value: number): string {
  const end = WIDTH - MARGIN.right;
  return `<path d="M${MARGIN.left} ${y}H${end}" stroke="#ddd"/>${text({ x: MARGIN.left - 8, y: y + 4, anchor: "end" }, `${round(value)}`)}`;
}

function line(
  points: Series["points"],
  x: Scale["place"],
  y: Scale["place"],
  stroke: string,
): string {
  const places = points.filter((point) => point.y > 0).map((each) => [x(each.x), y(each.y)]);
  const dots = places.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3.5" fill="${stroke}"/>`);
  const path = `<polyline points="${places.map((place) => place.join(",")).join(" ")}" fill="none" stroke="${stroke}" stroke-width="2"/>`;
  return [path, ...dots].join("");
}

/** The greatest at the end on top, as the lines end. */
function legend(series: Series[]): string[] {
  const last = ({ points }: Series) => points.at(-1)?.y ?? 0;
  return series
    .map((each, index) => ({ each, fill: colour(index) }))
    .sort((a, b) => last(b.each) - last(a.each))
    .map(({ each, fill }, row) => {
      const x = WIDTH - MARGIN.right + 20;
      const y = MARGIN.top + 14 + row * 22;
      return `<circle cx="${x}" cy="${y - 4}" r="5" fill="${fill}"/>${text({ x: x + 12, y }, each.name)}`;
    });
}

interface Place {
  x: number;
  y: number;
  anchor?: "middle" | "end";
  size?: number;
}

function text({ x, y, anchor, size }: Place, content: string): string {
  const more = `${anchor ? ` text-anchor="${anchor}"` : ""}${size ? ` font-size="${size}"` : ""}`;
  return `<text x="${x}" y="${y}" fill="#222"${more}>${escaped(content)}</text>`;
}

const colour = (index: number): string => COLOURS[index % COLOURS.length] ?? "#000";
const round = (value: number): number => Math.round(value * 100) / 100;
const escaped = (content: string): string =>
  content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
