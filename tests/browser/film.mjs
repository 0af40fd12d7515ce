// What a camera before a screen sees, for a browser whose camera shows a film.
const SIDE = 640;

/** The picture that the page shows now, as light and dark; and its address. */
export async function picture(page, selector = 'img') {
  return page.evaluate(
    async ([side, selector]) => {
      const picture = new Image(side, side);
      let shown;
      let tries = 0;
      for (let decoded = false; !decoded; ) {
        shown = document.querySelector(selector).src;
        picture.src = shown;
        // The page goes on meanwhile, and takes a picture back a moment before the next one stands in its place.
        decoded = await picture.decode().then(
          () => true,
          async () => {
            tries += 1;
            if (tries > 100) throw new Error('no picture');
            await new Promise((next) => requestAnimationFrame(next));
            return false;
          },
        );
      }
      const canvas = new OffscreenCanvas(side, side);
      const brush = canvas.getContext('2d');
      brush.imageSmoothingEnabled = false;
      brush.fillStyle = '#fff';
      brush.fillRect(0, 0, side, side);
      brush.drawImage(picture, 0, 0, side, side);
      const { data } = brush.getImageData(0, 0, side, side);
      let text = '';
      for (let at = 0; at < data.length; at += 4) text += data[at] > 127 ? '1' : '0';
      return [shown, text];
    },
    [SIDE, selector],
  );
}

/** Pictures as a film without compression (Y4M), each for a moment. */
export function film(pictures) {
  const parts = [Buffer.from(`YUV4MPEG2 W${SIDE} H${SIDE} F10:1 Ip A1:1 C420jpeg\n`)];
  const grey = Buffer.alloc((SIDE * SIDE) / 2, 128);
  for (const luma of pictures) {
    const bytes = Buffer.from([...luma].map((bit) => (bit === '1' ? 235 : 16)));
    for (let again = 0; again < 2; again += 1) parts.push(Buffer.from('FRAME\n'), bytes, grey);
  }
  return Buffer.concat(parts);
}

const CODES = 60;

/** A film of the codes that a giver's screen shows, one after the other. */
export async function codes(page) {
  const pictures = [];
  let before;
  while (pictures.length < CODES) {
    await page.waitForFunction((old) => document.querySelector('img')?.src !== old, before);
    const [src, luma] = await picture(page);
    before = src;
    pictures.push(luma);
  }
  return film(pictures);
}
