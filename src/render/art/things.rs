//! Things on a table: food, drink, reading. Pure data.

use super::Ink::{Bright, Deep, Fixed, Main, Second, SecondDeep, Shadow, Shine, Soft};
use super::{Hero, Stance};
use crate::render::brief::Place;

const DARK: super::Ink = Fixed(0x2b_2738);

pub(super) const HEROES: &[Hero] = &[
    Hero {
        words: &["mug", "cup", "coffee", "tea", "espresso", "latte", "cocoa", "cappuccino", "cafe"],
        main: 0x3f_8f94,
        second: 0x6a_3f2a,
        size: 0.46,
        stance: Stance::Table,
        home: Place::Table,
        pieces: &[
            (
                Shine,
                "K3.600 M32,24 C26,16 38,10 32,0 M46,22 C40,12 52,6 46,-6 M60,24 C54,16 66,10 60,0",
            ),
            (Deep, "K8 M74,48 C98,44 100,78 70,78"),
            (
                Main,
                "M12,38 L80,38 C80,60 79,78 76,92 C75,97 71,100 66,100 L26,100 C21,100 17,97 16,92 C13,78 12,60 12,38 Z",
            ),
            (
                Shadow,
                "M62,38 L80,38 C80,60 79,78 76,92 C75,97 71,100 66,100 L54,100 C62,84 64,60 62,38 Z",
            ),
            (Soft, "E 46,38 34 8"),
            (Second, "E 46,38.500 30 6"),
            (Fixed(0xc9_8f5e), "E 42,38 15 2.600"),
            (Shine, "M20,50 C20,66 21,78 24,90 L30,92 C26,78 25,64 26,51 Z"),
            (
                Fixed(0xfb_f1e1),
                "M46,84 C36,76 32,70 32,65 C32,60 36,58 39.500,58 C42.500,58 45,60 46,62.500 C47,60 49.500,58 52.500,58 C56,58 60,60 60,65 C60,70 56,76 46,84 Z",
            ),
        ],
    },
    Hero {
        words: &["book", "books", "library", "novel", "reading", "notebook", "story"],
        main: 0x3f_6aa8,
        second: 0xfb_f3e0,
        size: 0.42,
        stance: Stance::Table,
        home: Place::Table,
        pieces: &[
            (Fixed(0xc9_523f), "R -2,82 104 18 3"),
            (Second, "M6,85 L102,85 L102,97 L6,97 C3,94 3,88 6,85 Z"),
            (Fixed(0xa8_3f32), "R 14,82 5 18 0 R 86,82 5 18 0"),
            (Fixed(0xe8_b04a), "R 6,66 92 16 3"),
            (Second, "M94,69 L4,69 L4,79 L94,79 C97,76 97,72 94,69 Z"),
            (Deep, "M-6,60 L50,64 L106,60 L106,28 L50,34 L-6,28 Z"),
            (
                Second,
                "M-2,54 C14,48 36,50 50,58 C64,50 86,48 102,54 L102,16 C86,10 64,12 50,22 C36,12 14,10 -2,16 Z",
            ),
            (SecondDeep, "M50,58 C56,54 62,52 68,51 L68,13.500 C61,15 55,18 50,22 Z"),
            (
                Fixed(0xb8_a890),
                "K1 M6,22 C18,19 32,20 42,26 M6,29 C18,26 32,27 42,33 M6,36 C18,33 32,34 42,40 M6,43 C18,40 32,41 42,47 M58,33 C68,27 82,26 94,29 M58,40 C68,34 82,33 94,36 M58,47 C68,41 82,40 94,43",
            ),
            (Main, "M72,12.500 L80,12 L80,36 L76,31 L72,36 Z"),
            (Main, "M-6,60 L50,66 L106,60 L106,63 L50,69.500 L-6,63 Z"),
        ],
    },
    Hero {
        words: &["apple", "fruit", "orchard"],
        main: 0xdc_4a46,
        second: 0x5f_a550,
        size: 0.42,
        stance: Stance::Table,
        home: Place::Table,
        pieces: &[
            (Fixed(0x6a_4632), "K3.400 M50,26 C49,16 52,8 56,4"),
            (Second, "M54,18 C60,4 78,2 88,6 C84,20 68,26 54,18 Z"),
            (
                Main,
                "M50,28 C42,20 26,18 16,28 C4,40 8,66 20,84 C30,98 42,102 50,97 C58,102 70,98 80,84 C92,66 96,40 84,28 C74,18 58,20 50,28 Z",
            ),
            (
                Shadow,
                "M76,23 C79,24 82,26 84,28 C96,40 92,66 80,84 C70,98 58,102 50,97 C72,92 86,56 76,23 Z",
            ),
            (Shine, "M18,50 C17,40 22,32 30,30 C26,36 24,44 25,54 C25,60 19,58 18,50 Z"),
            (Deep, "M40,26 C44,31 56,31 60,26 C56,24 52,26 50,28 C48,26 44,24 40,26 Z"),
        ],
    },
    Hero {
        words: &["cake", "birthday", "cupcake", "dessert", "party", "celebration"],
        main: 0xf2_9ab0,
        second: 0xfb_edd6,
        size: 0.46,
        stance: Stance::Table,
        home: Place::Table,
        pieces: &[
            (Fixed(0xd9_dfe8), "E 50,97 58 5"),
            (Second, "M4,62 L96,62 L96,94 C84,98 16,98 4,94 Z"),
            (
                Main,
                "M4,58 L96,58 L96,72 C92,80 86,80 83,73 C80,82 72,82 69,74 C65,84 57,84 54,74 C50,82 43,82 40,74 C36,84 28,84 25,74 C22,82 14,80 12,73 C9,78 5,77 4,72 Z",
            ),
            (Soft, "E 50,58 46 7"),
            (Second, "M20,36 L80,36 L80,56 C70,60 30,60 20,56 Z"),
            (
                Main,
                "M20,32 L80,32 L80,44 C77,50 72,50 70,45 C67,52 60,52 57,45 C54,52 47,52 44,45 C41,52 34,52 31,45 C28,50 22,49 20,44 Z",
            ),
            (Soft, "E 50,32 30 5"),
            (Fixed(0x5f_b0d8), "R 34,14 4 18 1 R 48,12 4 20 1 R 62,14 4 18 1"),
            (
                Bright(0xff_b84d),
                "M36,13 C32,8 36,5 36,1 C40,5 40,10 36,13 Z M50,11 C46,6 50,3 50,-1 C54,3 54,8 50,11 Z M64,13 C60,8 64,5 64,1 C68,5 68,10 64,13 Z",
            ),
            (Fixed(0xe0_4f5e), "O 27,31 3 O 73,31 3 O 12,57 3 O 88,57 3"),
            (
                Shadow,
                "M84,58 L96,58 L96,94 C92,95 88,96 84,96.500 Z M72,32 L80,32 L80,56 C78,57 75,58 72,58.300 Z",
            ),
        ],
    },
    Hero {
        words: &["pizza", "burger", "hamburger", "sandwich", "taco", "food"],
        main: 0xe0_9a4a,
        second: 0xf6_cf5a,
        size: 0.40,
        stance: Stance::Table,
        home: Place::Table,
        pieces: &[
            (Deep, "M4,84 L96,84 C96,95 88,100 78,100 L22,100 C12,100 4,95 4,84 Z"),
            (Fixed(0x7a_4632), "R 0,66 100 16 7"),
            (Second, "M2,64 L98,64 L84,72 L72,66 L58,76 L44,66 L30,73 L18,66 Z"),
            (Fixed(0xd9_4a3f), "R 2,58 96 7 3"),
            (
                Fixed(0x6c_b055),
                "M-2,56 C6,50 12,60 20,54 C28,50 34,60 42,54 C50,50 56,60 64,54 C72,50 78,60 86,54 C92,50 98,54 102,56 C102,62 96,62 92,60 C84,64 78,60 72,62 C64,66 58,60 50,62 C42,66 36,60 28,62 C20,66 14,60 8,62 C2,64 -2,60 -2,56 Z",
            ),
            (
                Main,
                "M2,52 C2,26 24,12 50,12 C76,12 98,26 98,52 C98,55 95,56 92,56 L8,56 C5,56 2,55 2,52 Z",
            ),
            (
                Fixed(0xfb_ecc8),
                "E 30,30 3 1.800 E 44,23 3 1.800 E 60,25 3 1.800 E 72,33 3 1.800 E 52,34 3 1.800 E 38,40 3 1.800 E 66,43 3 1.800 E 22,42 2.600 1.600 E 82,44 2.600 1.600",
            ),
            (Shadow, "M72,17 C88,23 98,35 98,52 C98,55 95,56 92,56 L80,56 C88,42 84,28 72,17 Z"),
        ],
    },
    Hero {
        words: &["gift", "present", "box", "package", "parcel"],
        main: 0xe0_5a5e,
        second: 0xf7_d36a,
        size: 0.42,
        stance: Stance::Table,
        home: Place::Studio,
        pieces: &[
            (
                SecondDeep,
                "M50,30 C34,2 12,4 12,18 C12,30 32,32 50,30 Z M50,30 C66,2 88,4 88,18 C88,30 68,32 50,30 Z",
            ),
            (
                Second,
                "M48,29 C36,12 20,10 19,18 C19,25 34,29 48,29 Z M52,29 C64,12 80,10 81,18 C81,25 66,29 52,29 Z",
            ),
            (Main, "R 8,46 84 54 2"),
            (Second, "R 42,46 16 54 0"),
            (Soft, "R 2,29 96 19 2"),
            (Second, "R 41,29 18 19 0"),
            (SecondDeep, "O 50,29 5"),
            (
                Shadow,
                "M8,48 L92,48 L92,52 L8,52 Z M76,48 L92,48 L92,98 C92,99.500 91,100 90,100 L76,100 Z",
            ),
        ],
    },
    Hero {
        words: &["umbrella", "parasol"],
        main: 0xe8_5f52,
        second: 0xfb_f0dc,
        size: 0.46,
        stance: Stance::Ground,
        home: Place::Beach,
        pieces: &[
            (Fixed(0xb8_8a5e), "R 48.800,12 2.400 89 1"),
            (
                Main,
                "M0,46 C2,20 24,6 50,6 C76,6 98,20 100,46 C92,42 84,42 76,46 C68,41 60,41 50,46 C40,41 32,41 24,46 C16,42 8,42 0,46 Z",
            ),
            (
                Second,
                "M50,6 C34,10 26,26 24,46 C32,41 40,41 50,46 C60,41 68,41 76,46 C74,26 66,10 50,6 Z",
            ),
            (
                Main,
                "M50,6 C44,12 41,28 41,43 C44,43 47,44.500 50,46 C53,44.500 56,43 59,43 C59,28 56,12 50,6 Z",
            ),
            (Shadow, "M62,7.500 C84,11 98,26 100,46 C92,42 84,42 76,46 C76,30 72,16 62,7.500 Z"),
            (DARK, "O 50,5 1.800"),
        ],
    },
];
