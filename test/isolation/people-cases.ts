import { drawing } from '../avatars/pictures.ts';
import type { Case, Filling } from './cases.ts';
import type { World } from './worlds.ts';

const picture = () => drawing(9, 9).png().toBuffer();
const week = { monday: 60, tuesday: 60, wednesday: 60, thursday: 60, friday: 60, saturday: 0, sunday: 0 };
const timeOffBody = (world: World) => ({ kind: 'sick', from: '2026-06-01', to: '2026-06-02', note: world.canary });
const holidayBody = (world: World) => ({ day: '2026-12-25', name: world.canary });
const ownTimeOff = (world: World) => ({ params: { id: world.member.id, timeOffId: world.timeOff.id } });

async function ownPerson(world: World): Promise<Filling> {
  const { id } = await world.freshPerson();
  return { params: { id }, ifMatch: await world.etagOf('users', id) };
}

const nothing = (): Filling => ({});

/** Pictures, deletion, calendars and holidays. */
export const PEOPLE_CASES: Record<string, Case> = {
  'DELETE /api/v1/users/:id': {
    fill: async (world) => ({ ...(await ownPerson(world)), query: [['reassignTo', world.member.id]] }),
  },
  'PUT /api/v1/users/me/avatar': { fill: async () => ({ file: await picture() }) },
  'DELETE /api/v1/users/me/avatar': { fill: nothing },
  'GET /api/v1/users/:id/avatar': { fill: (world) => ({ params: { id: world.member.id } }), volatile: ['etag'] },
  'PUT /api/v1/users/:id/avatar': {
    fill: async (world) => ({ params: { id: (await world.freshPerson()).id }, file: await picture() }),
  },
  'DELETE /api/v1/users/:id/avatar': { fill: async (world) => ({ params: { id: (await world.freshPerson()).id } }) },
  'GET /api/v1/users/:id/calendar': { fill: (world) => ({ params: { id: world.member.id } }) },
  'PUT /api/v1/users/:id/calendar': {
    fill: (world) => ({ params: { id: world.member.id }, body: { from: '2026-06-01', minutes: week } }),
  },
  'GET /api/v1/users/:id/working-time': {
    fill: (world) => ({
      params: { id: world.member.id },
      query: [
        ['from', '2026-06-01'],
        ['to', '2026-06-07'],
      ],
    }),
  },
  'GET /api/v1/users/:id/time-off': { fill: (world) => ({ params: { id: world.member.id } }) },
  'POST /api/v1/users/:id/time-off': {
    fill: (world) => ({ params: { id: world.member.id }, body: timeOffBody(world) }),
  },
  'GET /api/v1/users/:id/time-off/:timeOffId': { fill: ownTimeOff },
  'PATCH /api/v1/users/:id/time-off/:timeOffId': {
    fill: async (world) => ({
      ...ownTimeOff(world),
      body: timeOffBody(world),
      ifMatch: await world.etagOf('time_off', world.timeOff.id),
    }),
    volatile: ['version'],
    batch: 1,
  },
  'DELETE /api/v1/users/:id/time-off/:timeOffId': {
    fill: async (world) => ({ params: { id: world.member.id, timeOffId: (await world.freshTimeOff()).id } }),
  },
  'GET /api/v1/calendars/default': { fill: nothing },
  'PUT /api/v1/calendars/default': { fill: () => ({ body: { from: '2026-06-01', minutes: week } }) },
  'GET /api/v1/calendars/holidays': { fill: nothing },
  'POST /api/v1/calendars/holidays': { fill: (world) => ({ body: holidayBody(world) }) },
  'POST /api/v1/calendars/holidays/import': {
    fill: () => ({ body: { ical: 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR' } }),
  },
  'GET /api/v1/calendars/holidays/:id': { fill: (world) => ({ params: { id: world.holiday.id } }) },
  'DELETE /api/v1/calendars/holidays/:id': {
    fill: async (world) => ({ params: { id: (await world.freshHoliday()).id } }),
  },
};
