//! The table of what each verb costs: as text, and one against another.

/// What one call takes.
#[derive(Clone, Copy)]
pub struct Cost {
    pub instructions: u64,
    pub allocations: u64,
}

/// Verbs in the order of their list.
pub struct Table(Vec<(String, Cost)>);

impl Table {
    pub fn new() -> Self {
        Self(Vec::new())
    }

    pub fn push(&mut self, name: &str, cost: Cost) {
        self.0.push((name.to_owned(), cost));
    }

    /// One line a verb: instructions, allocations, name.
    pub fn to_text(&self) -> String {
        let lines = self.0.iter().map(|(name, cost)| {
            format!("{:>12} {:>6}  {name}\n", cost.instructions, cost.allocations)
        });
        lines.collect()
    }

    /// What [`Table::to_text`] writes, lines that begin with `#` left out.
    pub fn from_text(text: &str) -> Self {
        let number = |word: Option<&str>| word?.parse().ok();
        let line = |line: &str| {
            let mut words = line.split_whitespace();
            let instructions = number(words.next())?;
            let allocations = number(words.next())?;
            let name = words.collect::<Vec<_>>().join(" ");
            Some((name, Cost { instructions, allocations }))
        };
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let lines = lines.map(|text| line(text).unwrap_or_else(|| panic!("counts: {text}")));
        Self(lines.collect())
    }

    fn get(&self, name: &str) -> Option<Cost> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, cost)| *cost)
    }

    /// Prints every verb, what was recorded, what it takes now and the ratio; returns how many take
    /// more than `tolerance` per cent more, or an allocation more, or are in one table only.
    pub fn compare(&self, now: &Self, tolerance: u64) -> usize {
        let mut faults = 0;
        println!("{:<36} {:>12} {:>12} {:>6}  allocations", "verb", "recorded", "now", "ratio");
        for (name, cost) in &now.0 {
            let Some(recorded) = self.get(name) else {
                println!("{name:<36} not recorded");
                faults += 1;
                continue;
            };
            let (was, is) = (recorded.instructions, cost.instructions);
            let more =
                is * 100 > was * (100 + tolerance) || cost.allocations > recorded.allocations;
            let less =
                is * (100 + tolerance) < was * 100 || cost.allocations < recorded.allocations;
            faults += usize::from(more);
            let verdict = match (more, less) {
                (true, _) => "  MORE",
                (false, true) => "  less: record it",
                _ => "",
            };
            println!(
                "{name:<36} {was:>12} {is:>12} {:>6.3}  {} to {}{verdict}",
                is as f64 / was as f64,
                recorded.allocations,
                cost.allocations,
            );
        }
        for (name, _) in self.0.iter().filter(|(name, _)| now.get(name).is_none()) {
            println!("{name:<36} recorded, and not counted any more");
            faults += 1;
        }
        faults
    }
}
