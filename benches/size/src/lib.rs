//! What every program is given: a key pair and a token that expires in the year 2100.

pub const PRIVATE_PEM: &str = include_str!("../../../tests/pem/rsa-2048.pem");
pub const PUBLIC_PEM: &str = include_str!("../../../tests/pem/rsa-2048-public.pem");
pub const TOKEN: &str = include_str!("token.txt");
pub const ISSUER: &str = "https://as.example";
pub const AUDIENCE: &str = "https://api.example";
