export interface DemoPerson {
  firstName: string;
  lastName: string;
  role: 'owner' | 'admin' | 'manager' | 'member' | 'viewer';
}

export interface DemoProject {
  name: string;
  description: string;
  budget: string;
  /** What is built, and what is done to it: each pair becomes a task. */
  parts: string[];
  work: string[];
}

export interface DemoTenant {
  name: string;
  slug: string;
  people: DemoPerson[];
  projects: DemoProject[];
}

/** Two organisations with nothing in common: whoever looks at one must never find a trace of the other. */
export const DEMO_TENANTS: DemoTenant[] = [
  {
    name: 'Northwind Ferries',
    slug: 'northwind',
    people: [
      { firstName: 'Ingrid', lastName: 'Solberg', role: 'owner' },
      { firstName: 'Mikkel', lastName: 'Aas', role: 'admin' },
      { firstName: 'Runa', lastName: 'Haugen', role: 'manager' },
      { firstName: 'Emil', lastName: 'Dahl', role: 'member' },
      { firstName: 'Siri', lastName: 'Nygaard', role: 'member' },
      { firstName: 'Jonas', lastName: 'Vik', role: 'viewer' },
    ],
    projects: [
      {
        name: 'Ticket machines on the quay',
        description: 'Passengers buy and change tickets without a clerk, in rain and with gloves.',
        budget: '184000.00',
        parts: [
          'card reader',
          'touch screen',
          'receipt printer',
          'timetable display',
          'price calculator',
          'remote restart',
        ],
        work: [
          'Compare offers for the',
          'Write the specification of the',
          'Test in the rain: the',
          'Install on quay 4 the',
          'Train the crew on the',
          'Hand over to operations the',
          'Measure the failures of the',
        ],
      },
      {
        name: 'Winter timetable',
        description: 'Fewer crossings, same promises: nobody waits longer than an hour.',
        budget: '22000.00',
        parts: ['Bergen line', 'island loop', 'school crossing', 'night freight', 'holiday schedule'],
        work: [
          'Count last winter’s passengers of the',
          'Draft the departures of the',
          'Ask the harbour master about the',
          'Check crew hours of the',
          'Print and publish the',
          'Answer complaints about the',
        ],
      },
      {
        name: 'Electric ferry no. 2',
        description: 'Second battery ferry: charging at both ends, in service by summer.',
        budget: '9400000.00',
        parts: [
          'battery room',
          'shore charger',
          'hull inspection',
          'class certificate',
          'bridge software',
          'fire drill',
        ],
        work: [
          'Plan the',
          'Order material for the',
          'Supervise the yard at the',
          'Close open points of the',
          'Document the',
          'Review the risk of the',
        ],
      },
    ],
  },
  {
    name: 'Helios Bakery',
    slug: 'helios',
    people: [
      { firstName: 'Yasmin', lastName: 'Farouk', role: 'owner' },
      { firstName: 'Tomás', lastName: 'Rivera', role: 'admin' },
      { firstName: 'Chiara', lastName: 'Conti', role: 'manager' },
      { firstName: 'Oskar', lastName: 'Lindqvist', role: 'member' },
      { firstName: 'Amara', lastName: 'Obi', role: 'member' },
      { firstName: 'Petra', lastName: 'Novak', role: 'viewer' },
    ],
    projects: [
      {
        name: 'Third shop at the station',
        description: 'Open at five, fresh until eight in the evening.',
        budget: '96000.00',
        parts: ['oven', 'counter', 'lease', 'coffee corner', 'opening party', 'staff roster'],
        work: [
          'Get three offers for the',
          'Sign the contract of the',
          'Draw the plan of the',
          'Ask the fire brigade about the',
          'Clean and check the',
          'Photograph the',
        ],
      },
      {
        name: 'Sourdough by subscription',
        description: 'A loaf at the door twice a week.',
        budget: '31000.00',
        parts: ['order page', 'delivery route', 'packaging', 'pause and resume', 'billing run', 'welcome letter'],
        work: [
          'Sketch the',
          'Build the',
          'Try with ten customers the',
          'Translate the',
          'Fix what testers found in the',
          'Watch the numbers of the',
        ],
      },
      {
        name: 'Allergen records',
        description: 'Every recipe, every batch, every inspector satisfied.',
        budget: '12000.00',
        parts: ['rye bread', 'almond croissant', 'spelt rolls', 'carrot cake', 'gluten-free line'],
        work: [
          'List the ingredients of the',
          'Ask the supplier about the',
          'Label the shelf of the',
          'Audit the batch book of the',
          'Teach the night shift the',
          'Renew the certificate of the',
        ],
      },
    ],
  },
];
