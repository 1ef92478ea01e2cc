//! Figures as a picture: lines over the number of live ids, both axes logarithmic.

use crate::report::thousands;
use plotters::prelude::*;
use std::error::Error;
use std::path::Path;

/// What one contender did at each size.
pub struct Line {
    /// As in the legend.
    pub name: String,
    /// Live ids, and the figure.
    pub points: Vec<(f64, f64)>,
}

/// Lines of one unit.
pub struct Picture {
    /// Above it.
    pub caption: &'static str,
    /// Beside it.
    pub unit: &'static str,
    /// In it.
    pub lines: Vec<Line>,
}

/// Writes the picture.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write(path: &Path, picture: &Picture) -> Result<(), Box<dyn Error>> {
    let points = || picture.lines.iter().flat_map(|line| line.points.iter().copied());
    let range = |values: &mut dyn Iterator<Item = f64>| {
        let (least, most) = values
            .fold((f64::MAX, 1.0_f64), |(least, most), value| (least.min(value), most.max(value)));
        (least * 0.8..most * 1.25).log_scale()
    };
    let sizes = range(&mut points().map(|(size, _)| size));
    let values = range(&mut points().map(|(_, value)| value));
    let root = SVGBackend::new(path, (1000, 560)).into_drawing_area();
    root.fill(&WHITE)?;
    let (area, legend) = root.split_horizontally(780);
    let mut chart = ChartBuilder::on(&area)
        .caption(picture.caption, ("sans-serif", 22))
        .margin(16)
        .x_label_area_size(40)
        .y_label_area_size(90)
        .build_cartesian_2d(sizes, values)?;
    chart
        .configure_mesh()
        .x_desc("live ids")
        .y_desc(picture.unit)
        .x_label_formatter(&|size| thousands(*size))
        .y_label_formatter(&|value| thousands(*value))
        .draw()?;
    for (number, line) in picture.lines.iter().enumerate() {
        let color = Palette99::pick(number).to_rgba();
        chart.draw_series(LineSeries::new(line.points.iter().copied(), color.stroke_width(2)))?;
        let y = 70 + 24 * i32::try_from(number)?;
        legend.draw(&PathElement::new([(0, y), (18, y)], color.stroke_width(2)))?;
        legend.draw(&Text::new(line.name.as_str(), (26, y - 6), ("sans-serif", 14)))?;
        chart
            .draw_series(line.points.iter().map(|point| Circle::new(*point, 3, color.filled())))?;
    }
    root.present()?;
    Ok(())
}
