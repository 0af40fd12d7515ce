//! What a frame looks like on screens, read back by another program's reader of QR codes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails on the spot")]

use client_ffi::qr::{BYTES_MAX, Decoder, Encoder, Frame, Received};

/// Rows of modules, `true` where it is dark.
type Picture = Vec<Vec<bool>>;

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|place| u8::try_from(place * place % 251).unwrap()).collect()
}

/// Paints what the path of an SVG says, one row a unit.
fn painted(svg: &str) -> Picture {
    let number = |text: &str| text.parse::<usize>().unwrap();
    let side = number(svg.split("viewBox=\"0 0 ").nth(1).unwrap().split(' ').next().unwrap());
    assert!(svg.contains(&format!("<path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/>")), "it lies on white");
    let mut picture = vec![vec![false; side]; side];
    let path = svg.split("fill=\"#000\" d=\"M").nth(1).unwrap().strip_suffix("z\"/></svg>").unwrap();
    for run in path.split("zM") {
        let (place, size) = run.split_once('h').unwrap();
        let (x, y) = place.split_once(' ').unwrap();
        let (length, back) = size.split_once("v1h-").unwrap();
        assert_eq!(length, back);
        picture[number(y)][number(x)..number(x) + number(length)].fill(true);
    }
    picture
}

/// What a terminal shows: each character is two modules, and every line says its colours itself.
fn printed(text: &str) -> Picture {
    let mut picture = Vec::new();
    for line in text.lines() {
        let cells = line.strip_prefix("\x1b[38;5;16;48;5;231m").unwrap().strip_suffix("\x1b[0m").unwrap();
        let rows = cells.chars().map(|cell| match cell {
            ' ' => (false, false),
            '▀' => (true, false),
            '▄' => (false, true),
            '█' => (true, true),
            other => panic!("{other:?} is no half block"),
        });
        let (upper, lower) = rows.unzip();
        picture.extend([upper, lower]);
    }
    picture
}

/// Reads the one code in a picture of which each module is some points wide, as a camera sees it.
fn scanned(picture: &Picture) -> String {
    const POINTS: usize = 4;
    let (width, height) = (picture[0].len() * POINTS, picture.len() * POINTS);
    let shade = |x: usize, y: usize| if picture[y / POINTS][x / POINTS] { 30 } else { 220 };
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, shade);
    let codes = image.detect_grids();
    assert_eq!(codes.len(), 1, "one code is found");
    codes[0].decode().unwrap().1
}

#[test]
fn frames_on_every_screen_are_read_back_by_another_reader_and_give_the_bytes() {
    let views: [fn(&Frame) -> Picture; 2] =
        [|frame| painted(&frame.svg()), |frame| printed(&frame.terminal())];
    for view in views {
        for length in [3, 150, 2_000] {
            let bytes = bytes(length);
            let mut decoder = Decoder::new();
            // The first frame of each three is missed, so that mixtures are read, too.
            for frame in Encoder::new(&bytes).unwrap().enumerate().filter(|(n, _)| n % 3 > 0).map(|(_, f)| f)
            {
                let text = scanned(&view(&frame));
                assert_eq!(text, frame.text());
                if decoder.receive(&text).unwrap() == Received::Complete {
                    break;
                }
            }
            assert_eq!(decoder.bytes(), Some(&bytes[..]));
        }
    }
}

#[test]
fn both_views_show_the_same_modules_within_four_light_ones() {
    let frame = Encoder::new(&bytes(5_000)).unwrap().nth(40).unwrap();
    let (svg, mut terminal) = (painted(&frame.svg()), printed(&frame.terminal()));
    // An odd number of rows leaves half a line, which is light.
    assert!(terminal.pop().unwrap().iter().all(|dark| !dark));
    assert!(svg == terminal);
    let side = svg.len();
    for (y, row) in svg.iter().enumerate() {
        assert_eq!(row.len(), side);
        for (x, dark) in row.iter().enumerate() {
            let quiet = [x, y].iter().any(|place| *place < 4 || *place >= side - 4);
            assert!(!(quiet && *dark), "a dark module at {x}, {y}");
        }
    }
}

#[test]
fn all_frames_of_a_series_are_equally_large_and_fit_a_terminal_of_eighty_columns() {
    let side = |frame: &Frame| printed(&frame.terminal())[0].len();
    for length in [1, 150, 197, 198, 600, 15_000, 204_795, BYTES_MAX] {
        let encoder = Encoder::new(&bytes(length)).unwrap();
        let step = 1 + encoder.fragments() / 7;
        let sides: Vec<usize> = encoder.step_by(step).take(70).map(|frame| side(&frame)).collect();
        assert!(sides[0] <= 77 && sides.iter().all(|found| *found == sides[0]), "{length} bytes: {sides:?}");
    }
}
