//! The commonest words of those who ask for pictures, and what each is read as: a drawing, a place,
//! or nothing that is known, which is told. Another animal is never drawn for one that is missing.
//!
//! A row is a drawing or an `@place`, and the words for it; `?` is told. Without a drawing before
//! it a word is the drawing's name. Pure.

use super::brief::Brief;

const ANIMALS: &str = "\
goat, rooster, goose, turkey, rabbit, hamster, mouse, rat, fox, wolf, bear, polar bear, panda
red panda, lion, tiger, snow leopard, cheetah, lynx, giraffe, zebra, hippo, rhino, camel
kangaroo, koala, sloth, gorilla, orangutan, lemur, otter, beaver, badger, raccoon, skunk, mole
bat, armadillo, platypus, capybara, eagle, vulture, magpie, sparrow, robin, bluebird, blue jay
hummingbird, woodpecker, kingfisher, cockatoo, budgie, toucan, peacock, swan, flamingo
pelican, puffin, penguin, ostrich, emu, frog, toad, axolotl, dinosaur, triceratops
stegosaurus, pterodactyl, dragon, unicorn, phoenix, koi, swordfish, pufferfish, seahorse
shark, whale, dolphin, orca, narwhal, seal, walrus, octopus, squid, jellyfish, crab, lobster
shrimp, starfish, snail, butterfly, moth, ant, beetle, ladybug, grasshopper, praying mantis
dragonfly, firefly, mosquito, spider, scorpion, caterpillar, worm, pug, dalmatian
border collie, chick
dog: dog, corgi, shiba inu, husky, poodle, chihuahua, beagle, puppy
cat: cat, kitten
horse: horse, foal
cow: cow, ox, bull, calf
pig: pig, piglet
sheep: sheep, lamb
hen: chicken
duck: duck, duckling
squirrel: squirrel, chipmunk
hedgehog: hedgehog, porcupine
leopard: leopard, jaguar
panther: panther, black panther
elephant: elephant, mammoth
llama: llama, alpaca
donkey: donkey, mule
deer: deer, stag, fawn, reindeer
moose: moose, elk
bison: bison, buffalo, yak
monkey: monkey, chimpanzee, baboon
meerkat: meerkat, mongoose
ferret: weasel, ferret
boar: boar, warthog
antelope: antelope, gazelle
hawk: hawk, falcon
owl: owl, barn owl
crow: crow, raven
parrot: parrot, macaw
stork: stork, heron
seagull: seagull, albatross
dove: pigeon, dove
canary: canary, finch
turtle: turtle, tortoise
snake: snake, cobra
lizard: lizard, gecko, iguana, chameleon
crocodile: crocodile, alligator
tyrannosaurus: trex
fish: fish, goldfish, clownfish
salmon: salmon, tuna
seashell: oyster, clam
bee: bee, bumblebee
?: guinea pig, puma, cougar, anteater, wombat, opossum, tapir, cardinal, crane, swallow, pheasant, quail, salamander, pegasus, griffin, manatee, slug, wasp, cricket, centipede
";

const OBJECTS: &str = "\
chair, lamp, sofa, bed, mirror, door, clock, watch, phone, mouse, television, radio, camera
headphones, microphone, guitar, piano, violin, drum, trumpet, harp, book, paintbrush, map
compass, key, lock, hammer, screwdriver, saw, axe, drill, ladder, shovel, scissors, knife
fork, spoon, bowl, bottle, backpack, suitcase, umbrella, hat, boot, high heels, sandal, sock
glove, scarf, dress, jeans, ring, crown, diamond, sunglasses, glasses, candle, lantern
lightbulb, battery, robot, doll, ball, balloon, kite, dice, chess, puzzle, bell, anchor
magnet, telescope, microscope, syringe, pill, thermometer, skull, bone, feather, pearl, wreath
pumpkin, vase, fountain, fence, bench, mailbox, trash can, street lamp, traffic light
stop sign, tent, campfire, sword, shield, cannon, bomb, potion, cauldron, crystal ball
hourglass, calendar, calculator, printer, satellite, surfboard, skateboard, bicycle
basketball, baseball, bowling, pillow, toothbrush, perfume, lipstick, bathtub, toilet
washing machine, fridge, microwave, toaster, vacuum cleaner, sewing machine, tree, flower
leaf
@table: table, desk, window
computer: laptop, computer, keyboard, monitor
letter: envelope, letter
earth: globe
mug: cup, mug
honey: jar
teapot: teapot, kettle
gift: box, gift
sneaker: shoe, sneaker
tshirt: shirt
gear: gear, engine
teddybear: teddy bear
playing cards: cards
trophy: trophy, medal
tires: wheel, tire
seashell: shell
coin: coin, money
bow tie: bow
christmas ornament: ornament
terracotta pot: flower pot
bust: statue
flame: fire
treasure: treasure chest
football: soccer ball, football
dumbbells: dumbbell
washbasin: sink
stove: oven
?: pen, stamp, chain, rope, nail, mop, rake, wallet, plug, whistle, stethoscope, bandage, banknote, gate, gun, volleyball, blanket, towel, soap, comb, razor, shower, fan, heater, iron
";

const FOODS: &str = "\
pizza, burger, fries, sandwich, taco, sushi, salad, steak, egg, cheese, croissant, bagel
pretzel, pancake, waffle, cake, donut, cookie, pie, macaron, apple, banana, blueberry, cherry
grape, pineapple, mango, peach, pear, coconut, avocado, tomato, potato, carrot, chili
broccoli, corn, mushroom, eggplant, pumpkin, beer, milk, dumplings, paella, popcorn, shrimp
hotdog: hot dog
kebab: burrito, kebab
noodle: ramen, noodles, soup
spaghetti: pasta, spaghetti
rice: rice, curry, cereal, oatmeal
bread: bread, baguette, toast
cupcake: cupcake, muffin
chocolate: brownie, chocolate
icecream: ice cream
lollipop: candy, lollipop
honey: honey, jam
lemon: lemon, lime
strawberry: strawberry, raspberry
watermelon: watermelon, melon
kiwi fruit: kiwi
onion: onion, garlic
bell pepper: pepper
cabbage: lettuce, cabbage
mug: coffee, tea
bottle: wine
cocktail: cocktail, juice, smoothie
bubble tea: milkshake
?: lasagna, bacon, omelette, plum, cucumber, peas, beans, nuts, whiskey, tapas, meatballs
";

const VEHICLES: &str = "\
truck, ambulance, police car, jeep, tractor, bulldozer, excavator, motorcycle, scooter
bicycle, tram, helicopter, drone, rocket, spaceship, ufo, satellite, space station
cruise ship, gondola, submarine, speedboat, pirate ship, carriage, wagon, skateboard
roller skates, tank, forklift, convertible
car: car, taxi
racecar: sports car, race car
bus: bus, school bus
firetruck: fire truck
van: van, camper
train: train, steam train
railcar: subway, bullet train
plane: airplane, jet
balloon: hot air balloon
zeppelin: airship
sailboat: boat, sailboat, yacht, raft
ship: ship, ferry, cargo ship
canoe: canoe, kayak
sleigh: sled
?: crane, tricycle, glider, limousine
";

const JOBS: &str = "\
nurse, student, astronaut, pilot, flight attendant, fisherman, pirate, firefighter, soldier
spy, judge, businesswoman, blacksmith, photographer, singer, pianist, drummer, violinist
dancer, ballerina, clown, boxer, skier, surfer, cyclist, basketball player, tennis player
cowboy, knight, king, queen, prince, princess, witch, viking, samurai, ninja, monk, nun
priest, mermaid, fairy, elf, vampire, zombie, superhero, santa, lumberjack, shepherd, butcher
florist, bride, groom, baby, child, couple, family, friends, pharaoh
doctor: doctor, dentist, surgeon, veterinarian
teacher: teacher, professor, librarian
scientist: scientist, pharmacist
chef: chef, cook, baker
waiter: waiter, bartender, barista
farmer: farmer, gardener
sailor: sailor, captain
police officer: police officer, detective
businessman: lawyer, businessman
engineer: engineer, architect, builder, construction worker, carpenter, miner
computer: programmer, hacker
mechanic: plumber, mechanic
barber: tailor, hairdresser, barber
artist: painter, artist
musician: musician, guitarist
wizard: magician, wizard
runner: athlete, runner
skater: skateboarder
footballer: football player
postman: mailman, delivery man, courier
archer: hunter, archer
cleaner: cleaner, janitor, maid
hiker: climber, hiker, tourist
old woman: grandma
old man: grandpa
warrior: gladiator
?: electrician, sculptor, actor, writer, poet, journalist, swimmer, wrestler, gymnast, golfer, beekeeper, shopkeeper, cashier, diver, goddess
";

const PLACES: &str = "\
castle, house, church, temple, mosque, bridge, lighthouse, swimming pool, playground, circus
cave, space station, tunnel, ruins, pyramid, windmill, greenhouse
@beach: beach
@mountain: mountain, cliff
@forest: forest
@jungle: jungle
@desert: desert, oasis
@island: island
@lake: lake, swamp, pond
@river: river
@waterfall: waterfall
@sea: sea, ocean
@canyon: canyon
@hills: valley, vineyard
@meadow: meadow, park, savanna
@field: field, wheat field, rice terraces
@garden: garden
@city: city, town
@street: street, alley
@village: village
@harbour: harbor
@airport: airport
@station: train station, subway station
@classroom: school, classroom, university
@library: library, bookstore
@museum: museum
@stage: theater, stage, ballroom
@cinema: cinema
@stadium: stadium
@gym: gym
@hospital: hospital
@office: office
@laboratory: laboratory
warehouse: factory, warehouse
@kitchen: kitchen
@livingroom: living room
@bedroom: bedroom
@bathroom: bathroom
@restaurant: restaurant, bar, pub
mug: cafe
@shop: supermarket, shop, mall
bread: bakery
market stall: market
barn: farm, barn
@underwater: aquarium, underwater
ferris wheel: amusement park
@volcano: volcano
@snow: glacier, arctic, tundra
@space: space
planet: mars
@sky: sky, clouds
gravestone: cemetery, graveyard
tent: campsite
@hall: throne room
@workshop: workshop, garage
@studio: studio
?: hotel, zoo, rooftop, balcony, terrace, courtyard, prison, spa, sauna, casino, nightclub, courtroom
";

/// Without articles, which tell the languages apart: German, Spanish, French, Italian, Portuguese,
/// Dutch.
const ELSEWHERE: &str = "\
fox: ein Fuchs, un zorro, un renard, una volpe, uma raposa, een vos, 狐
cat: eine Katze, un gato, un chat, un gatto, um gato, een kat, 猫
dog: ein Hund, un perro, un chien, il cane, um cachorro, een hond, 犬
horse: ein Pferd, un caballo, un cheval, un cavallo, um cavalo, een paard, 馬
cow: eine Kuh, una vaca, une vache, una mucca, uma vaca, een koe, 牛
pig: ein Schwein, un cerdo, un cochon, un maiale, um porco, een varken, 豚
sheep: ein Schaf, una oveja, un mouton, una pecora, uma ovelha, een schaap, 羊
goat: eine Ziege, una cabra, une chèvre, una capra, uma cabra, een geit
rabbit: ein Hase, un conejo, un lapin, un coniglio, um coelho, een konijn, 兎
bear: ein Bär, un oso, un ours, un orso, um urso, een beer, 熊
wolf: ein Wolf, un lobo, un loup, un lupo, um lobo, een wolf
lion: ein Löwe, un león, un lion, un leone, um leão, een leeuw, ライオン
tiger: ein Tiger, un tigre, un tigre, una tigre, um tigre, een tijger, 虎
elephant: ein Elefant, un elefante, un éléphant, un elefante, um elefante, een olifant, 象
deer: ein Hirsch, un ciervo, un cerf, un cervo, um cervo, een hert, 鹿
squirrel: ein Eichhörnchen, una ardilla, un écureuil, uno scoiattolo, um esquilo, een eekhoorn
hedgehog: ein Igel, un erizo, un hérisson, un riccio, um ouriço, een egel
badger: ein Dachs, un tejón, un blaireau, un tasso, um texugo
boar: ein Wildschwein, un jabalí, un sanglier, un cinghiale, um javali, een everzwijn
meerkat: ein Erdmännchen, una suricata, un suricate, een stokstaartje
owl: eine Eule, un búho, un hibou, un gufo, uma coruja, een uil
eagle: ein Adler, un águila, un aigle, un'aquila, uma águia, een adelaar
sparrow: ein Spatz, un gorrión, un moineau, un passero, um pardal
swan: ein Schwan, un cisne, un cygne, un cigno, um cisne, een zwaan
frog: ein Frosch, una rana, une grenouille, una rana, een kikker
toad: eine Kröte, un sapo, un crapaud, un rospo
rat: eine Ratte, una rata, un ratto, uma ratazana
fish: ein Fisch, un pez, un poisson, un pesce, um peixe, een vis
shark: ein Hai, un tiburón, un requin, uno squalo, um tubarão, een haai
bee: eine Biene, una abeja, une abeille, un'ape, uma abelha
@hospital: im Krankenhaus, en el hospital, à l'hôpital, in ospedale, no hospital, in het ziekenhuis, 病院
@classroom: im Klassenzimmer, en el aula, dans une salle de classe, na sala de aula, in het klaslokaal, 教室
@airport: am Flughafen, en el aeropuerto, à l'aéroport, in aeroporto, no aeroporto, op de luchthaven, 空港
@gym: im Fitnessstudio, en el gimnasio, dans une salle de sport, in palestra, na academia, in de sportschool
@museum: im Museum, en el museo, au musée, nel museo, no museu, in het museum, 博物館
?: ein Meerschweinchen, una cobaya, un cochon d'Inde
";

#[test]
fn every_common_word_is_drawn_as_itself_or_told() {
    let mut wrong = Vec::new();
    for table in [ANIMALS, OBJECTS, FOODS, VEHICLES, JOBS, PLACES, ELSEWHERE] {
        for row in table.lines() {
            let (meaning, words) = row.split_once(": ").unwrap_or(("", row));
            for word in words.split(", ") {
                let meaning = if meaning.is_empty() { word } else { meaning };
                let read = read(word);
                if read != meaning {
                    wrong.push(format!("{word}: {read} instead of {meaning}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The one drawing or place of a prompt, or `?` where it is told.
fn read(prompt: &str) -> String {
    let brief = Brief::read(prompt, 1);
    match (brief.cast.as_slice(), brief.places.first()) {
        ([one], _) => one.hero.name().to_owned(),
        ([], Some(place)) => format!("@{}", format!("{place:?}").to_lowercase()),
        ([], None) if !brief.unknown.is_empty() => "?".to_owned(),
        (all, _) => format!("{} drawings", all.len()),
    }
}
