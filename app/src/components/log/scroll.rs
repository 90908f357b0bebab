//! From where the scroll bar stands to which units are seen, and back.
//!
//! Browsers end a box at some ten million pixels. Above that the bar is mapped in proportion, while
//! the wheel still moves by as much as it says.

/// Height of a unit; the style sheet's `.log` has the same.
pub(crate) const UNIT_PX: f64 = 20.0;
/// Firefox draws nothing beyond 17.8 million pixels.
pub(crate) const MAX_PX: f64 = 8_000_000.0;

/// The box as it is now, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Port {
    pub(crate) scroll_top: f64,
    pub(crate) height: f64,
}

/// Where the reader is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Place {
    /// Units above the upper edge, with fractions.
    pub(crate) top: f64,
    /// `scroll_top` that goes with it.
    pub(crate) scroll_top: f64,
}

/// Height of the box's contents.
pub(crate) fn content_px(units: u64) -> f64 {
    (units as f64 * UNIT_PX).min(MAX_PX)
}

fn is_mapped(units: u64) -> bool {
    units as f64 * UNIT_PX > MAX_PX
}

/// Units and pixels that can be scrolled away.
fn ranges(units: u64, height: f64) -> (f64, f64) {
    ((units as f64 - height / UNIT_PX).max(0.0), (content_px(units) - height).max(0.0))
}

/// Where the reader is after the bar or the wheel moved.
pub(crate) fn moved(before: Place, port: Port, units: u64) -> Place {
    let (all, px) = ranges(units, port.height);
    let Port { scroll_top, height } = port;
    if !is_mapped(units) {
        return Place { top: scroll_top / UNIT_PX, scroll_top };
    }
    let by = scroll_top - before.scroll_top;
    let at_an_end = scroll_top <= 0.0 || scroll_top >= px;
    // The wheel and the arrow keys move by less than the box; the bar is dragged further.
    let top = match by.abs() <= height && !at_an_end {
        true => before.top + by / UNIT_PX,
        false => scroll_top / px * all,
    };
    Place { top: top.clamp(0.0, all), scroll_top }
}

/// The place that shows `unit` at the upper edge.
pub(crate) fn at(unit: f64, height: f64, units: u64) -> Place {
    let (all, px) = ranges(units, height);
    let top = unit.clamp(0.0, all);
    match is_mapped(units) {
        true => Place { top, scroll_top: top / all * px },
        false => Place { top, scroll_top: top * UNIT_PX },
    }
}

/// Where the window of lines is drawn whose first unit is `first`.
pub(crate) fn window_px(place: Place, first: u64, units: u64) -> f64 {
    match is_mapped(units) {
        true => place.scroll_top + (first as f64 - place.top) * UNIT_PX,
        false => first as f64 * UNIT_PX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANY: u64 = 10_000_000;
    const HEIGHT: f64 = 800.0;

    #[test]
    fn a_short_log_is_scrolled_as_any_box() {
        let place = moved(Place::default(), Port { scroll_top: 130.0, height: HEIGHT }, 1000);
        assert_eq!(place, Place { top: 6.5, scroll_top: 130.0 });
        assert_eq!(window_px(place, 5, 1000), 100.0);
        assert_eq!(at(500.0, HEIGHT, 1000), Place { top: 500.0, scroll_top: 10_000.0 });
    }

    #[test]
    fn any_line_of_a_long_log_can_be_reached() {
        let place = at(5_000_000.0, HEIGHT, MANY);
        assert_eq!(place.top, 5_000_000.0);
        assert!(place.scroll_top < MAX_PX - HEIGHT);
        assert_eq!(window_px(place, 5_000_000, MANY), place.scroll_top);
    }

    #[test]
    fn the_wheel_moves_a_long_log_by_lines() {
        let before = at(5_000_000.0, HEIGHT, MANY);
        let port = Port { scroll_top: before.scroll_top + 100.0, height: HEIGHT };
        assert_eq!(moved(before, port, MANY).top, 5_000_005.0);
    }

    #[test]
    fn the_bar_moves_a_long_log_in_proportion() {
        let before = at(0.0, HEIGHT, MANY);
        let end = Port { scroll_top: MAX_PX - HEIGHT, height: HEIGHT };
        assert_eq!(moved(before, end, MANY).top, MANY as f64 - HEIGHT / UNIT_PX);
        let half = Port { scroll_top: (MAX_PX - HEIGHT) / 2.0, height: HEIGHT };
        assert_eq!(moved(before, half, MANY).top, (MANY as f64 - HEIGHT / UNIT_PX) / 2.0);
    }

    #[test]
    fn the_ends_of_a_long_log_are_its_ends() {
        let near = Place { top: 50.0, scroll_top: 60.0 };
        assert_eq!(moved(near, Port { scroll_top: 0.0, height: HEIGHT }, MANY).top, 0.0);
    }
}
