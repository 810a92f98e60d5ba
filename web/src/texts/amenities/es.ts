import type { Amenities } from "@/texts/amenities";

export const es: Amenities = {
  a_level: "Bachillerato", adults_only: "Solo adultos", air_conditioning: "Aire acondicionado", balcony: "Balcón", bar: "Bar", basket: "Cesta", bathtub: "Bañera",
  bear_locker: "Caja a prueba de osos", beginners: "Principiantes", blackout_curtains: "Cortinas opacas", blankets: "Mantas", breakfast: "Desayuno",
  breakfast_basket: "Cesta de desayuno", butler: "Mayordomo", canoe: "Canoa", child_seat: "Asiento infantil", city_view: "Vistas a la ciudad", coffee: "Café",
  crib: "Cuna", desk: "Escritorio", dogs_welcome: "Se admiten perros", drinking_water: "Agua potable", dry_bag: "Bolsa estanca",
  dry_suit_in_winter: "Traje seco en invierno", exam_preparation: "Preparación de exámenes", external_screen: "Pantalla", family_friendly: "Para familias",
  fire_pit: "Fogata", fireplace: "Chimenea", flag: "Banderín", garden_view: "Vistas al jardín", gcse: "Secundaria", guide: "Guía", head_lamps: "Linternas frontales",
  headphones: "Auriculares", heaters: "Estufas", helmet: "Casco", host: "Anfitrión", hot_drink: "Bebida caliente", in_person: "Presencial",
  interpreters_booths: "Cabinas de intérpretes", kitchen: "Cocina", kitchen_hatch: "Pasaplatos", lake_view: "Vistas al lago", leash: "Leash", lectern: "Atril",
  life_vest: "Chaleco salvavidas", livestream: "Emisión en directo", lock: "Candado", lounge: "Salón", lunch: "Almuerzo", map: "Mapa", microphones: "Micrófonos",
  mixer: "Mesa de mezclas", mountain_view: "Vistas a la montaña", online: "En línea", paddle: "Remo", parking: "Aparcamiento", piano: "Piano",
  playground: "Parque infantil", poles: "Bastones", porch: "Porche", power_at_seats: "Enchufes en los asientos", printer: "Impresora", projector: "Proyector",
  rain_gear: "Ropa de lluvia", repair_kit: "Kit de reparación", safe: "Caja fuerte", sauna: "Sauna", sea_view: "Vistas al mar", showers: "Duchas",
  side_room: "Sala contigua", sideboard: "Aparador", small_group: "Grupo pequeño", snack: "Tentempié", sofa: "Sofá", sound_system: "Megafonía",
  soundproof: "Insonorizado", spray_skirt: "Cubrebañeras", stage: "Escenario", standing_desk: "Mesa de pie", step_free: "Sin escalones",
  studded_tyres_in_winter: "Neumáticos con clavos en invierno", telescope: "Telescopio", terrace: "Terraza", transfer: "Traslado", transport: "Transporte",
  university: "Universidad", ventilated: "Ventilado", video_conference: "Videoconferencia", whiteboard: "Pizarra", wifi: "Wi-Fi", wood_stove: "Estufa de leña",
  workshop_kit: "Maletín de taller",
};
