import type { Amenities } from "@/texts/amenities";

export const de: Amenities = {
  a_level: "Abitur", adults_only: "Nur Erwachsene", air_conditioning: "Klimaanlage", balcony: "Balkon", bar: "Bar", basket: "Korb",
  bathtub: "Badewanne", bear_locker: "Bärensichere Kiste", beginners: "Für Anfänger", blackout_curtains: "Verdunkelung", blankets: "Decken",
  breakfast: "Frühstück", breakfast_basket: "Frühstückskorb", butler: "Butler", canoe: "Kanu", child_seat: "Kindersitz", city_view: "Stadtblick",
  coffee: "Kaffee", crib: "Kinderbett", desk: "Schreibtisch", dogs_welcome: "Hunde willkommen", drinking_water: "Trinkwasser", dry_bag: "Packsack",
  dry_suit_in_winter: "Trockenanzug im Winter", exam_preparation: "Prüfungsvorbereitung", external_screen: "Bildschirm", family_friendly: "Für Familien",
  fire_pit: "Feuerstelle", fireplace: "Kamin", flag: "Wimpel", garden_view: "Gartenblick", gcse: "Mittlere Reife", guide: "Mit Führung", head_lamps: "Stirnlampen",
  headphones: "Kopfhörer", heaters: "Heizstrahler", helmet: "Helm", host: "Betreuung", hot_drink: "Heißes Getränk", in_person: "Vor Ort",
  interpreters_booths: "Dolmetschkabinen", kitchen: "Küche", kitchen_hatch: "Durchreiche", lake_view: "Seeblick", leash: "Leash", lectern: "Rednerpult",
  life_vest: "Schwimmweste", livestream: "Livestream", lock: "Schloss", lounge: "Lounge", lunch: "Mittagessen", map: "Karte", microphones: "Mikrofone",
  mixer: "Mischpult", mountain_view: "Bergblick", online: "Online", paddle: "Paddel", parking: "Parkplatz", piano: "Klavier", playground: "Spielplatz",
  poles: "Stöcke", porch: "Veranda", power_at_seats: "Strom am Platz", printer: "Drucker", projector: "Projektor", rain_gear: "Regenzeug",
  repair_kit: "Flickzeug", safe: "Safe", sauna: "Sauna", sea_view: "Meerblick", showers: "Duschen", side_room: "Nebenraum", sideboard: "Sideboard",
  small_group: "Kleine Gruppe", snack: "Imbiss", sofa: "Sofa", sound_system: "Tonanlage", soundproof: "Schallgeschützt", spray_skirt: "Spritzdecke",
  stage: "Bühne", standing_desk: "Stehtisch", step_free: "Stufenlos", studded_tyres_in_winter: "Spikereifen im Winter", telescope: "Teleskop",
  terrace: "Terrasse", transfer: "Transfer", transport: "Transport", university: "Studium", ventilated: "Belüftet", video_conference: "Videokonferenz",
  whiteboard: "Whiteboard", wifi: "WLAN", wood_stove: "Holzofen", workshop_kit: "Moderationskoffer",
};
