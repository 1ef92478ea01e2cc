//! The rates as a picture: lines over the number of live ids.

use plotters::prelude::*;
use std::error::Error;
use std::path::Path;

/// A contender's rate at each size, in thousands a second.
pub struct Line {
    /// As in the legend.
    pub name: String,
    /// Live ids, and thousands of insertions a second.
    pub points: Vec<(f64, f64)>,
}

/// Writes the picture.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write(path: &Path, lines: &[Line]) -> Result<(), Box<dyn Error>> {
    let points = || lines.iter().flat_map(|line| line.points.iter().copied());
    let (least, most) = points()
        .fold((f64::MAX, 1.0_f64), |(least, most), (size, _)| (least.min(size), most.max(size)));
    let highest = points().fold(1.0_f64, |highest, (_, rate)| highest.max(rate));
    let root = SVGBackend::new(path, (900, 560)).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption("Replay checks by live ids", ("sans-serif", 22))
        .margin(16)
        .x_label_area_size(40)
        .y_label_area_size(70)
        .build_cartesian_2d((least * 0.9..most * 1.1).log_scale(), 0.0..highest * 1.1)?;
    chart
        .configure_mesh()
        .x_desc("live ids")
        .y_desc("thousands of insertions a second")
        .x_label_formatter(&|size| format!("{size:.0}"))
        .draw()?;
    for (number, line) in lines.iter().enumerate() {
        let color = Palette99::pick(number).to_rgba();
        chart
            .draw_series(LineSeries::new(line.points.iter().copied(), color.stroke_width(2)))?
            .label(&line.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color.stroke_width(2)));
        chart
            .draw_series(line.points.iter().map(|point| Circle::new(*point, 3, color.filled())))?;
    }
    chart.configure_series_labels().background_style(WHITE.mix(0.8)).border_style(BLACK).draw()?;
    root.present()?;
    Ok(())
}
