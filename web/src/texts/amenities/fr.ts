import type { Amenities } from "@/texts/amenities";

export const fr: Amenities = {
  a_level: "Baccalauréat", adults_only: "Adultes seulement", air_conditioning: "Climatisation", balcony: "Balcon", bar: "Bar", basket: "Panier",
  bathtub: "Baignoire", bear_locker: "Coffre anti-ours", beginners: "Débutants", blackout_curtains: "Rideaux occultants", blankets: "Couvertures",
  breakfast: "Petit-déjeuner", breakfast_basket: "Panier petit-déjeuner", butler: "Majordome", canoe: "Canoë", child_seat: "Siège enfant",
  city_view: "Vue ville", coffee: "Café", crib: "Lit bébé", desk: "Bureau", dogs_welcome: "Chiens bienvenus", drinking_water: "Eau potable",
  dry_bag: "Sac étanche", dry_suit_in_winter: "Combinaison sèche en hiver", exam_preparation: "Préparation aux examens", external_screen: "Écran",
  family_friendly: "Pour les familles", fire_pit: "Foyer extérieur", fireplace: "Cheminée", flag: "Fanion", garden_view: "Côté jardin", gcse: "Brevet",
  guide: "Guide", head_lamps: "Lampes frontales", headphones: "Casque audio", heaters: "Chauffages", helmet: "Casque", host: "Accueil",
  hot_drink: "Boisson chaude", in_person: "Sur place", interpreters_booths: "Cabines d’interprètes", kitchen: "Cuisine", kitchen_hatch: "Passe-plat",
  lake_view: "Vue lac", leash: "Leash", lectern: "Pupitre", life_vest: "Gilet de sauvetage", livestream: "Diffusion en direct", lock: "Antivol", lounge: "Salon",
  lunch: "Déjeuner", map: "Carte", microphones: "Micros", mixer: "Table de mixage", mountain_view: "Vue montagne", online: "En ligne", paddle: "Pagaie",
  parking: "Parking", piano: "Piano", playground: "Aire de jeux", poles: "Bâtons", porch: "Véranda", power_at_seats: "Prises aux places", printer: "Imprimante",
  projector: "Projecteur", rain_gear: "Vêtements de pluie", repair_kit: "Kit de réparation", safe: "Coffre-fort", sauna: "Sauna", sea_view: "Vue mer",
  showers: "Douches", side_room: "Salle annexe", sideboard: "Buffet", small_group: "Petit groupe", snack: "Collation", sofa: "Canapé",
  sound_system: "Sonorisation", soundproof: "Insonorisé", spray_skirt: "Jupe", stage: "Scène", standing_desk: "Bureau debout", step_free: "Sans marche",
  studded_tyres_in_winter: "Pneus cloutés en hiver", telescope: "Télescope", terrace: "Terrasse", transfer: "Transfert", transport: "Transport",
  university: "Université", ventilated: "Ventilé", video_conference: "Visioconférence", whiteboard: "Tableau blanc", wifi: "Wi-Fi", wood_stove: "Poêle à bois",
  workshop_kit: "Mallette d’atelier",
};
