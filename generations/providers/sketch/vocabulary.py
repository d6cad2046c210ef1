"""The words the renderer knows. Each table maps a term of ours to the words that mean it, accents removed."""

from __future__ import annotations

# Turned into one word before anything else is read; the longest first.
PHRASES: dict[str, str] = {
    "sun just gone": "dusk",
    "after sunset": "dusk",
    "hot air balloon": "balloon",
    "oak table": "table",
    "wooden table": "table",
    "marble table": "table",
    "garden table": "table",
    "northern lights": "aurora",
    "southern lights": "aurora",
    "golden hour": "goldenhour",
    "heure doree": "goldenhour",
    "blue hour": "dusk",
    "full moon": "moon",
    "new york": "skyline",
    "milky way": "galaxy",
    "outer space": "space",
    "deep space": "space",
    "long exposure": "longexposure",
    "from above": "aerial",
    "coral reef": "reef",
    "paper boat": "paperboat",
    "origami boat": "paperboat",
    "sail boat": "sailboat",
    "light house": "lighthouse",
    "paper cut": "papercut",
    "cut paper": "papercut",
    "cut out": "cutout",
    "oil paint": "oil",
    "oil painting": "oil",
    "oil on canvas": "oil",
    "van gogh": "impasto",
    "ink wash": "sumi",
    "line drawing": "pencil",
    "pixel art": "pixel",
    "colour field": "colourfield",
    "color field": "colourfield",
    "still life": "stilllife",
    "nature morte": "stilllife",
    "fruit bowl": "fruit",
    "black and white": "monochrome",
    "rainy window": "bokeh",
    "out of focus": "bokeh",
    "depth of field": "",
    "coucher de soleil": "sunset",
    "lever de soleil": "sunrise",
    "puesta de sol": "sunset",
    "street lights": "lights",
    "field of flowers": "wildflower",
    "wild flowers": "wildflower",
}

SCENES: dict[str, str] = {
    "mountains": "mountain peak alp alpine summit ridge himalaya cliff canyon glacier volcano fuji matterhorn andes "
    "landscape berg berge gebirge montagne montagna montana sierra everest dolomite highland",
    "sea": "sea ocean wave coast beach shore bay harbour harbor seascape meer ozean strand mer plage mare mar playa "
    "spiaggia atlantic pacific cove tide",
    "dunes": "dune desert sahara wuste deserto desierto gobi oasis",
    "farmland": "field farm valley countryside farmland pasture vineyard tuscany wheat crop hillside rolling rice "
    "felder champ campagne campo acker provence barley barn terrace",
    "forest": "forest wood woodland jungle trunk pine birch fir grove redwood wald foret bosque foresta rainforest",
    "islands": "island reef archipelago lagoon atoll aerial map satellite maldives insel ile isla isola caribbean",
    "nebula": "nebula galaxy space cosmos universe cosmic supernova starfield astronomy interstellar galaxie weltall",
    "planet": "planet saturn jupiter ring orbit exoplanet mars moonscape planete planeta pianeta",
    "botanicals": "leaf leave plant botanical fern herbarium garden foliage eucalyptus monstera palm herb "
    "pflanze plante planta pianta blatt feuille",
    "cutouts": "pattern geometric tile mosaic matisse bauhaus quilt cutout shape collage terrazzo memphis",
    "marbling": "marble marbling marbled agate swirl fluid liquid malachite suminagashi lava smoke petrol acrylic",
    "arches": "arch archway door doorway architecture courtyard stair staircase museum temple corridor portal cloister "
    "arcade mosque church cathedral palace ruin column monastery",
    "vessels": "vase vessel pottery ceramic jug bottle cup pot teapot stilllife amphora stoneware mug carafe porcelain "
    "earthenware pitcher coffee tea krug glaze",
    "fruit": "fruit bowl",
    "colourfield": "rothko colourfield gradient monochrome minimalism emotion feeling silence music abstract",
    "city": "city skyline skyscraper street downtown metropolis cityscape urban tokyo paris london manhattan berlin "
    "stadt ville ciudad citta chicago cyberpunk neon tower building town",
    "lake": "lake reflection pond fjord loch lac lago weiher tarn river",
    "aurora": "aurora polarlicht borealis",
    "meadow": "meadow flower wildflower poppy blossom tulip daisy bloom rose sunflower lily orchid peony iris blume "
    "fleur flor fiore wiese prairie bouquet",
    "rainwindow": "bokeh window cafe windowpane raindrop",
}

# Words that say where something is rather than what the picture shows: any other noun outweighs them.
FAINT: dict[str, str] = {
    "sea": "water horizon wasser agua acqua",
    "nebula": "star stern etoile estrella stella",
    "mountains": "sky himmel ciel cielo cloud snow",
    "arches": "wall room",
    "farmland": "hill grass",
    "forest": "fog mist",
    "botanicals": "nature green",
    "vessels": "table",
}

SUBJECTS: dict[str, str] = {
    "fox": "fox fuchs renard zorro volpe vixen",
    "cat": "cat kitten katze chat gato gatto kitty",
    "deer": "deer stag hirsch cerf ciervo cervo elk moose reindeer",
    "bird": "bird crow raven robin sparrow vogel oiseau pajaro uccello songbird owl finch",
    "boat": "boat sailboat ship yacht boot bateau barco barca sail schiff sailing",
    "paperboat": "paperboat",
    "lighthouse": "lighthouse leuchtturm phare faro",
    "cabin": "cabin house hut cottage haus maison casa chalet farmhouse home",
    "tree": "tree oak baum arbre arbol albero",
    "balloon": "balloon ballon globo",
    "person": "person man woman figure people girl boy child traveller wanderer hiker mensch personne persona "
    "monk human couple kid",
}

TIMES: dict[str, str] = {
    "dawn": "dawn sunrise daybreak morgengrauen aube aurore alba amanecer sonnenaufgang",
    "morning": "morning morgen matin manana mattina",
    "noon": "noon midday afternoon daylight sunny daytime bright mittag midi mediodia mezzogiorno",
    "golden": "goldenhour sunlit warm",
    "sunset": "sunset sundown sonnenuntergang tramonto atardecer ocaso afterglow",
    "dusk": "dusk evening twilight abend crepuscule soir sera anochecer gloaming dammerung",
    "night": "night midnight moonlit moonlight starry dark nocturne nacht nuit noche notte nocturnal "
    "starlit lantern neon",
}

WEATHERS: dict[str, str] = {
    "fog": "fog mist misty haze foggy hazy nebel brume brouillard niebla nebbia brumeux",
    "rain": "rain rainy raining drizzle wet regen pluie lluvia pioggia downpour",
    "snow": "snow snowy snowfall blizzard schnee neige nieve neve snowing",
    "storm": "storm stormy thunder lightning tempest sturm orage tormenta tempesta thunderstorm",
    "clear": "clear cloudless",
    "clouds": "cloud cloudy overcast wolke nuage nube nuvola",
    "wind": "wind windy breeze",
}

SEASONS: dict[str, str] = {
    "spring": "spring blossom fruhling printemps primavera cherryblossom",
    "summer": "summer sommer ete verano estate",
    "autumn": "autumn fall herbst automne otono autunno autumnal",
    "winter": "winter wintry icy frost frozen hiver invierno inverno ice",
}

STYLES: dict[str, str] = {
    "oil": "oil impasto painting painterly brushstroke impressionist impressionism monet palette canvas olbild",
    "watercolour": "watercolour watercolor aquarelle aquarell acuarela acquerello",
    "gouache": "gouache poster tempera",
    "ink": "ink sumi calligraphy tusche encre tinta inchiostro",
    "papercut": "papercut layered scherenschnitt",
    "pencil": "pencil sketch drawing graphite etching engraving crayon bleistift dessin hatching",
    "pixel": "pixel 8bit retro pixelart",
    "film": "film photo photograph photography 35mm analog analogue polaroid kodak cinematic photographic foto",
    "exposure": "longexposure",
    "minimal": "minimal minimalist simple minimalistic",
    "print": "woodcut linocut risograph riso screenprint halftone lithograph woodblock ukiyo",
}

MOTIFS: dict[str, str] = {
    "sun": "sun sunlight sunbeam sonne soleil sol sole",
    "moon": "moon moonlit moonlight mond lune luna",
    "crescent": "crescent",
    "stars": "star starry stern etoile estrella stella",
    "clouds": "cloud cloudy wolke nuage nube nuvola overcast",
    "fog": "fog mist misty haze foggy hazy nebel brume niebla nebbia",
    "rain": "rain rainy raining",
    "snow": "snow snowy schnee neige nieve neve",
    "trees": "tree forest pine fir baum arbre",
    "people": "people person human figure man woman crowd face hand",
    "lights": "lights light window lamp lit",
    "rings": "ring rings",
    "calm": "calm still serene quiet mirror glassy tranquil smooth",
    "lantern": "lantern candle",
    "leaves": "leaf leave foliage plant",
    "grain": "grain noise grainy",
    "flowers": "flower blossom bloom",
    "poppy": "poppy",
    "sunflower": "sunflower",
    "rose": "",
    "tulip": "tulip",
    "daisy": "daisy",
    "lavender": "",
    "cornflower": "cornflower bluebell",
}

# Words for colours that are not themselves in the palette, and a few from the neighbours.
COLOUR_WORDS: dict[str, str] = {
    "red": "rot rouge rojo rosso ruby cherry",
    "blue": "blau bleu azul blu sapphire",
    "green": "grun vert verde grassy",
    "yellow": "gelb jaune amarillo giallo",
    "black": "schwarz noir negro nero",
    "white": "weiss blanc blanco bianco snowy",
    "grey": "gray grau gris grigio monochrome",
    "pink": "rosa fuchsia",
    "purple": "lila violett morado viola",
    "brown": "braun marron chocolate",
    "gold": "golden",
    "terracotta": "clay brick sienna",
    "turquoise": "aqua aquamarine",
    "orange": "arancione naranja tangerine",
    "sand": "tan taupe",
    "cream": "eggshell",
    "lavender": "",
    "emerald": "malachite",
    "beige": "",
}

FRUITS: dict[str, str] = {
    "lemon": "citron zitrone limon limone",
    "orange": "mandarin clementine apricot",
    "apple": "apple apfel pomme manzana mela",
    "pear": "pear birne poire pera",
    "cherry": "cherry",
}

# Fruit that shares its name with a colour: the plural, or an article before it, means the fruit.
FRUIT_NAMES: dict[str, str] = {
    "lemon": "lemon",
    "orange": "orange",
    "tangerine": "orange",
    "plum": "plum",
    "peach": "orange",
    "lime": "lemon",
}

NEGATIONS = frozenset({"no", "without", "ohne", "sans", "sin", "senza", "kein", "keine"})
