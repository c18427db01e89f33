/** Detections drawn over the picture that they were found in. */
import sharp from 'sharp';
import type { Detection } from '../types.js';

/** Distinct hues, dark enough for white text. */
const COLORS = ['#c0392b', '#1f6fb2', '#1e8449', '#8e44ad', '#b9770e', '#117a65', '#a93276', '#5d4037'];

/** Writes the picture with boxes and labels as PNG. Pixels as of `width` x `height`, orientation applied. */
export async function drawDetections(
  image: string,
  { width, height }: { width: number; height: number },
  detections: readonly Detection[],
  output: string,
): Promise<void> {
  const svg = Buffer.from(overlay(width, height, detections));
  await sharp(image)
    .autoOrient()
    .composite([{ input: svg, top: 0, left: 0 }])
    .png()
    .toFile(output);
}

/** An SVG of the picture's size with a rectangle and a caption for each detection. */
export function overlay(width: number, height: number, detections: readonly Detection[]): string {
  const size = Math.max(10, Math.round(Math.min(width, height) / 40));
  const stroke = Math.max(1, Math.round(size / 7));
  const shapes = detections.map(({ label, classId, score, box: [x1, y1, x2, y2] }) => {
    const color = COLORS[classId % COLORS.length];
    const caption = `${label} ${score.toFixed(2)}`;
    const captionWidth = Math.round(caption.length * size * 0.62) + size / 2;
    // Above the box, or inside it where the picture ends; never beyond the right edge.
    const top = y1 >= size * 1.3 ? y1 - size * 1.3 : y1;
    const left = Math.max(0, Math.min(x1, width - captionWidth));
    return `<rect x="${x1}" y="${y1}" width="${x2 - x1}" height="${y2 - y1}" fill="none" stroke="${color}" stroke-width="${stroke}"/>
<rect x="${left}" y="${top}" width="${captionWidth}" height="${size * 1.3}" fill="${color}"/>
<text x="${left + size / 4}" y="${top + size}" font-family="DejaVu Sans, sans-serif" font-size="${size}" fill="#fff">${escapeXml(caption)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${shapes.join('\n')}</svg>`;
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
